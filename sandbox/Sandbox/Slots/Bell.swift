import CChildProcess
import Glibc

/// Wakes a thread that waits in `poll`: a pipe that holds a byte while the bell has rung.
final class Bell: Sendable {
  /// Readable once the bell has rung.
  let file: Int32
  private let clapper: Int32

  /// nil if the process has no file left to open.
  init?() {
    var ends: [Int32] = [0, 0]
    guard acp_pipe(&ends, 1) == 0 else { return nil }
    (file, clapper) = (ends[0], ends[1])
  }

  deinit {
    close(file)
    close(clapper)
  }

  func ring() {
    var byte: UInt8 = 1
    // A full pipe has rung already.
    _ = write(clapper, &byte, 1)
  }

  func clear() {
    var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    while read(file, &bytes, 32) == 32 {}
  }
}
