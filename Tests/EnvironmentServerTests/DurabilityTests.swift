import AgentCore
import Foundation
import Glibc
import Testing
import TrajectoryStore

/// The real program, killed.
@Suite struct DurabilityTests {
  @Test("every step that was answered is in the store after kill -9")
  func killed() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("agentenv-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("store.sqlite").path
    let server = try ServerProcess.start(["--env", "calculator", "--store", path])
    defer { server.kill() }
    let clients = 8
    let answered = Counter()
    let acknowledged = await withTaskGroup(of: (id: String, steps: Int)?.self) { group in
      for index in 0..<clients { group.addTask { await play(server.port, index, answered) } }
      // In the middle of everything, and every client has begun.
      for _ in 0..<2000 where await answered.value < 20 * clients { try? await Task.sleep(for: .milliseconds(10)) }
      server.kill()
      var result: [(id: String, steps: Int)] = []
      for await one in group { if let one { result.append(one) } }
      return result
    }
    #expect(acknowledged.count == clients)
    let store = try TrajectoryStore(path: path, mode: .existing)
    for (id, steps) in acknowledged {
      let trajectory = try #require(try await store.trajectory(id), "trajectory \(id) is lost")
      // One more may have been recorded whose answer did not get out.
      #expect((steps...steps + 1).contains(trajectory.turns.count))
    }
  }

  /// Steps until the server is gone, and says how many steps of the last episode were answered.
  private func play(_ port: Int, _ index: Int, _ answered: Counter) async -> (id: String, steps: Int)? {
    let progress = Progress()
    try? await TestClient.connect(port: port, path: "/ws") { connection in
      while true {
        let opening = try await connection.reset(["seed": JSONValue(index)])
        let id = try #require(opening.at("data", "observation", "trajectory_id")?.stringValue)
        await progress.set((id, 0))
        for step in 1...5 {
          let reply = try await connection.step([
            "tool_name": "calculator", "arguments": ["expression": .string("\(step)+\(index)")],
          ])
          #expect(reply.at("type") == "observation")
          await progress.set((id, step))
          await answered.add()
        }
      }
    }
    return await progress.value
  }

  private actor Counter {
    var value = 0

    func add() { value += 1 }
  }

  private actor Progress {
    var value: (id: String, steps: Int)?

    func set(_ value: (id: String, steps: Int)) { self.value = value }
  }
}

/// An `agentenv serve` of its own.
final class ServerProcess: Sendable {
  let port: Int
  private let process: Int32

  private init(port: Int, process: Int32) {
    self.port = port
    self.process = process
  }

  static func start(_ arguments: [String]) throws -> ServerProcess {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Program.agentenv)
    process.arguments = ["serve", "--port", "0"] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      let data = output.fileHandleForReading.readData(ofLength: 1)
      guard let byte = data.first else { break }
      line.append(byte)
    }
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    let port = try #require(
      text.hasPrefix("listening on http://") ? text.split(separator: ":").last.flatMap { Int($0) } : nil,
      "no line of the promised form: \(text)")
    return ServerProcess(port: port, process: process.processIdentifier)
  }

  func kill() { Glibc.kill(process, SIGKILL) }
}
