import Foundation
import Testing

@testable import Sandbox

@Suite struct SlotSocketTests {
  @Test("a slot that does not read, or does not answer, is given up at the deadline")
  func silence() throws {
    let (one, other) = try Self.pair()
    var socket = SlotSocket(file: one, bell: try #require(Bell()))
    defer { close(other) }
    var program = SlotProgram(kind: .exec, arguments: ["x"], limits: ExecutionLimits())
    program.input = Array(repeating: 0, count: 8 << 20)
    do {
      try socket.send(.run(id: 1, program), until: .now + .milliseconds(50))
      Issue.record("sent")
    } catch {
      #expect(error == .silent)
    }
    guard case .deadline = try socket.next(until: .now + .milliseconds(50)) else {
      Issue.record("something came")
      return
    }
  }

  @Test("a closed stream, and bytes that are no frame, end the slot")
  func broken() throws {
    for bytes in [[], [1, 0, 0, 0, 0x99], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0]] as [[UInt8]] {
      let (one, other) = try Self.pair()
      var socket = SlotSocket(file: one, bell: try #require(Bell()))
      _ = bytes.withUnsafeBytes { write(other, $0.baseAddress, $0.count) }
      close(other)
      do {
        _ = try socket.next(until: .now + .seconds(20))
        Issue.record("\(bytes) was taken for something")
      } catch {
        guard case .ended = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  private static func pair() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    return (ends[0], ends[1])
  }
}
