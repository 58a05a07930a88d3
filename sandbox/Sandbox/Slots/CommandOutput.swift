import AgentCore
import CChildProcess
import Glibc

/// What a short trusted command printed: the launcher's probe, or a toolchain that is asked where it lies.
struct CommandOutput: Sendable {
  let stdout: [UInt8]

  var text: String { String(decoding: stdout, as: UTF8.self) }

  /// The first line without its end.
  var firstLine: String {
    String(decoding: stdout.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  private static let longest = 1 << 20

  /// Runs a command with an empty standard input and standard error thrown away.
  /// - Returns: nil if it cannot be started or takes longer than the time-out.
  static func capture(_ arguments: [String], environment: [String] = [], timeout: Duration) async -> CommandOutput? {
    await BlockingThread.run { captureBlocking(arguments, environment: environment, timeout: timeout) }
  }

  static func captureBlocking(
    _ arguments: [String], environment: [String] = [], timeout: Duration
  ) -> CommandOutput? {
    var ends: [Int32] = [0, 0]
    guard acp_pipe(&ends, 0) == 0 else { return nil }
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    let child = try? ChildProcess.start(arguments, environment: environment, files: [nil, writing, nil])
    close(writing)
    guard let child else { return nil }
    let output = read(from: reading, until: .now + timeout)
    child.reap(after: output == nil ? .zero : .seconds(1))
    return output.map(CommandOutput.init)
  }

  /// Everything up to the end of the stream; nil if that does not come in time.
  private static func read(from file: Int32, until end: ContinuousClock.Instant) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < longest {
      var event = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let left = end - .now
      guard left > .zero else { return nil }
      let ready = poll(&event, 1, Int32(clamping: left.wholeMicroseconds / 1000 + 1))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return nil }
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
    return bytes
  }
}
