import AgentCore
import Glibc

/// What comes from a server's process: frames from its output, words from its standard error.
struct ServerOutput {
  enum Event {
    case message(RPCMessage)
    /// A line that is no JSON: a program's print that strayed onto the wire.
    case stray
    /// JSON, or nearly, that is no message.
    case broken(String)
  }

  private let limits: ConnectionLimits
  private var lines: LineBuffer
  private var scrap = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var errors = StandardErrorTail()
  private(set) var errorsAreOpen = true
  /// Messages that nobody asked for since the last answer.
  var unasked = 0

  init(limits: ConnectionLimits) {
    self.limits = limits
    lines = LineBuffer(limit: limits.maxFrameBytes)
  }

  mutating func countUnasked() throws(MCPError) {
    unasked += 1
    guard unasked <= limits.maxUnaskedFrames else {
      throw .flooded(reason: "more than \(limits.maxUnaskedFrames) messages that nobody asked for")
    }
  }

  mutating func readMessages(from descriptor: Int32) throws(MCPError) -> [Event] {
    let count = read(descriptor, &scrap, scrap.count)
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return [] }
    guard count > 0 else { throw .serverEnded(how: "it closed its output", lastWords: "") }
    var events: [Event] = []
    for line in try lines.append(scrap[..<count]) { events += Self.events(of: line) }
    return events
  }

  static func events(of line: [UInt8]) -> [Event] {
    let start = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    guard start == UInt8(ascii: "{") || start == UInt8(ascii: "[") else { return [.stray] }
    do {
      return try RPCMessage.parse(frame: line).map(Event.message)
    } catch {
      return [.broken("\(error)")]
    }
  }

  mutating func readErrors(from descriptor: Int32) {
    let count = read(descriptor, &scrap, scrap.count)
    if count > 0 {
      errors.append(scrap[..<count])
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      errorsAreOpen = false
    }
  }
}
