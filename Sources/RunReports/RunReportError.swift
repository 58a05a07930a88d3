/// Why a part of a run folder could not be read or written.
public enum RunReportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The operating system refused: which operation, on which file, and its own words for why.
  case file(operation: String, path: String, reason: String)
  /// A file is not what it should be. The line counts from 1; nil where the whole file is meant.
  case content(path: String, line: Int?, reason: String)
  /// A metric that no log can hold: the key says which.
  case metric(key: String, reason: String)

  public var description: String {
    switch self {
    case .file(let operation, let path, let reason): "cannot \(operation) \(path): \(reason)"
    case .content(let path, let line?, let reason): "\(path):\(line): \(reason)"
    case .content(let path, nil, let reason): "\(path): \(reason)"
    case .metric(let key, let reason): "metric `\(key)`: \(reason)"
    }
  }
}
