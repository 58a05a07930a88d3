/// Why a text is not JSON, or a JSON value is not what was expected there.
public enum JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text breaks JSON's grammar. Line and column count from 1; the column counts bytes.
  case syntax(reason: String, line: Int, column: Int)
  /// A value is missing, has the wrong kind or an unknown name. The path is written `turns[2].action.text`.
  case value(reason: String, path: String)

  public var description: String {
    switch self {
    case .syntax(let reason, let line, let column): "invalid JSON at line \(line), column \(column): \(reason)"
    case .value(let reason, let path): path.isEmpty ? reason : "\(path): \(reason)"
    }
  }
}
