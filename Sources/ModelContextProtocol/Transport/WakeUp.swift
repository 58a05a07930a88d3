import CChildProcess
import Glibc

/// Wakes a thread that waits in `poll`.
final class WakeUp: Sendable {
  /// Readable after `signal`, until `clear`.
  let descriptor: Int32
  private let writeEnd: Int32

  init() throws(MCPError) {
    var ends: [Int32] = [-1, -1]
    let code = acp_pipe(&ends, 1)
    guard code == 0 else { throw .cannotStart(command: "pipe", reason: String(cString: strerror(code))) }
    (descriptor, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(writeEnd)
  }

  /// A full pipe is awake already.
  func signal() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  func clear() {
    var scrap = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &scrap, scrap.count) == scrap.count {}
  }
}
