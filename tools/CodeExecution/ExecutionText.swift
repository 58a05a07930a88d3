import Sandbox

/// A run as the policy reads it: standard output, standard error, and in a last line how it ended if it did not end well.
enum ExecutionText {
  static func text(
    of result: ExecutionResult, limits: ExecutionLimits, characters: Int, isFresh: Bool = false
  ) -> String {
    let ending = ending(of: result, limits)
    let notes = [
      isFresh ? "[the interpreter was started anew: what earlier calls defined is gone]" : nil,
      result.stdoutTruncated || result.stderrTruncated
        ? "[output beyond \(limits.outputBytes) bytes was dropped]" : nil,
      ending,
    ].compactMap { $0 }
    let used = notes.reduce(40) { $0 + $1.unicodeScalars.count + 1 }
    let room = max(200, characters - used)
    let (out, error) = (trimmed(result.stdout), trimmed(result.stderr))
    // An error's last lines say what it is: they get half of the room where both are long.
    let errorText = shortened(error, to: max(room / 2, room - out.unicodeScalars.count), head: 0.25)
    let outText = shortened(out, to: max(room / 2, room - errorText.unicodeScalars.count), head: 0.6)
    var parts = outText.isEmpty ? [] : [outText]
    if !errorText.isEmpty {
      parts += out.isEmpty && notes.isEmpty ? ["[stderr]", errorText] : ["[stderr]", errorText]
    }
    parts += notes
    return parts.isEmpty ? "(no output)" : parts.joined(separator: "\n")
  }

  /// How it ended; nil if it ended well.
  private static func ending(of result: ExecutionResult, _ limits: ExecutionLimits) -> String? {
    let refused = result.violation.map { "the system call `\($0)` was refused" }
    switch result.status {
    case .ok: return nil
    case .error:
      let code =
        if let signal = result.signal { "ended by signal \(signal)" } else {
          result.exitCode.map { "exit code \($0)" }
        }
      let parts = [result.message ?? code, refused].compactMap { $0 }
      return "[\(parts.isEmpty ? "failed" : parts.joined(separator: "; "))]"
    case .timeout:
      switch result.timedOut {
      case .cpu: return "[stopped: it used more than \(limits.cpu ?? limits.wall) of processor time]" + lost(result)
      case .queue: return "[not run: no sandbox worker was free in time]"
      case .wall, nil: return "[stopped: it took longer than it may (\(limits.wall) at most)]" + lost(result)
      }
    case .memoryLimit: return "[stopped: it used more than \(limits.memoryBytes >> 20) MiB of memory]" + lost(result)
    case .outputLimit: return "[stopped: it printed more than \(limits.outputBytes) bytes]" + lost(result)
    case .violation: return "[stopped: \(refused ?? "it did what no program here may")]" + lost(result)
    case .sandboxUnavailable where result.sessionLost: return "[the interpreter ended: its variables are gone]"
    case .sandboxUnavailable: return "[not run: \(result.message ?? "the sandbox is not available")]"
    case .cancelled: return "[cancelled]"
    }
  }

  private static func lost(_ result: ExecutionResult) -> String {
    result.sessionLost ? " [its variables are gone]" : ""
  }

  /// Without line ends at the end.
  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }

  /// The beginning and the end of a long text.
  static func shortened(_ text: String, to limit: Int, head: Double) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > limit else { return text }
    let first = Int(Double(limit) * head)
    let (start, end) = (scalars.prefix(first), scalars.suffix(limit - first))
    return "\(String(String.UnicodeScalarView(start)))\n… [\(scalars.count - limit) characters] …\n"
      + String(String.UnicodeScalarView(end))
  }
}
