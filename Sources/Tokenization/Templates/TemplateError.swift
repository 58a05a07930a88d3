/// Why a chat template could not be read or rendered. Lines count from 1 in the template's source.
public enum TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The source is not in the subset of Jinja that chat templates use.
  case syntax(line: Int, reason: String)
  /// Rendering met a value that the template cannot handle.
  case rendering(line: Int, reason: String)
  /// The template itself refused the conversation with `raise_exception`.
  case refused(line: Int, message: String)

  public var description: String {
    switch self {
    case .syntax(let line, let reason): "chat template, line \(line): \(reason)"
    case .rendering(let line, let reason): "chat template, line \(line), while rendering: \(reason)"
    case .refused(let line, let message): "chat template, line \(line), refuses this conversation: \(message)"
    }
  }
}
