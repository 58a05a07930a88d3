/// Why there is no session, or no sandbox. Executions do not throw: they say it in their result.
public enum SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The machine does not give the isolation that is required, or the sandbox's own program is missing.
  case unavailable(reason: String)
  case unknownLanguage(name: String, known: [String], suggestion: String?)
  /// The language is known, but what runs it is not installed.
  case missingToolchain(language: String, reason: String)
  /// As many sessions are live as may be: close one.
  case tooManySessions(limit: Int)
  /// A session was asked for what its language does not give.
  case noSessions(language: String)
  /// The session is gone, and cannot be had again by running its cells once more.
  case sessionLost(reason: String)
  /// The request makes no sense: a limit, a file name, too large an input.
  case invalidRequest(reason: String)
  /// No worker was free in time.
  case busy
  case cancelled

  public var description: String {
    switch self {
    case .unavailable(let reason): reason
    case .unknownLanguage(let name, let known, let suggestion):
      "there is no language `\(name)`\(suggestion.map { "; did you mean `\($0)`?" } ?? "")"
        + " (known: \(known.joined(separator: ", ")))"
    case .missingToolchain(let language, let reason): "language `\(language)` needs \(reason)"
    case .tooManySessions(let limit): "\(limit) sessions are live, which is the limit: close one, or raise max_sessions"
    case .noSessions(let language): "language `\(language)` has no sessions: run whole programs with it"
    case .sessionLost(let reason): "the session is lost: \(reason)"
    case .invalidRequest(let reason): reason
    case .busy: "no sandbox worker was free in time: raise the number of workers, or ask for less at once"
    case .cancelled: "cancelled"
    }
  }
}
