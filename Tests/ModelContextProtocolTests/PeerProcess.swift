import Foundation
import Glibc
import Testing

/// A Python server over HTTP, running while a body does.
enum PeerProcess {
  /// Starts the script, waits until it prints `listening PORT`, and ends it after the body.
  static func with<Value>(
    _ python: String, _ arguments: [String], _ body: (_ origin: String) async throws -> Value
  ) async throws -> Value {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["\(Peer.folder)/\(arguments[0])"] + arguments.dropFirst()
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    defer {
      // At once: asked politely, a server would first wait for its connections to end.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let port = try #require(await port(from: output.fileHandleForReading), "\(arguments) did not start")
    return try await body("http://127.0.0.1:\(port)")
  }

  /// Reads on a thread of its own, so that no thread of Swift's pool waits for Python to start.
  private static func port(from handle: FileHandle) async -> Int? {
    await withCheckedContinuation { continuation in
      Thread {
        var text = ""
        while !text.contains("\n") {
          let piece = handle.availableData
          if piece.isEmpty { break }
          text += String(decoding: piece, as: UTF8.self)
        }
        continuation.resume(returning: text.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) })
      }.start()
    }
  }
}
