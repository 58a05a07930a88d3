import AgentCore
import Foundation
import Testing

@Suite struct AgentEnvCommandTests {
  @Test("list and tools, for machines")
  func lists() async throws {
    let list = try await AgentEnvProgram.run("list", "--json")
    #expect(list.status == 0)
    #expect(try JSONValue(parsing: list.text).arrayValue?.contains { $0["name"] == "calculator" } == true)
    let tools = try await AgentEnvProgram.run("tools", "--json")
    let known = try JSONValue(parsing: tools.text).arrayValue ?? []
    #expect(known.first { $0["name"] == "python" }?["schema"]?["type"] == "function")
    #expect(known.first { $0["name"] == "sql" }?["needs"] == "database")
    let plain = try await AgentEnvProgram.run("list")
    #expect(plain.text.hasPrefix("NAME"))
    #expect(!plain.text.contains("\u{1B}"))
  }

  @Test("describe shows limits, tools and how an episode begins")
  func describe() async throws {
    let output = try await AgentEnvProgram.run("describe", "calculator", "--json")
    let json = try JSONValue(parsing: output.text)
    #expect(json["limits"]?["max_turns"] == 6)
    #expect(json["example"]?["messages"]?.arrayValue?.count == 2)
  }

  @Test("tool prints the result and ends with its status")
  func tool() async throws {
    let good = try await AgentEnvProgram.run("tool", "calculator", "--args", #"{"expression":"2^100"}"#)
    #expect(good.text == "1267650600228229401496703205376\n")
    #expect(good.status == 0)
    let bad = try await AgentEnvProgram.run("tool", "calculator", "--args", #"{"expression":"1/0"}"#, "--json")
    #expect(bad.status == 1)
    #expect(try JSONValue(parsing: bad.text)["status"] == "error")
  }

  @Test(
    "a mistake is one line on stderr that helps, and 2",
    arguments: [
      (["tool", "calculatr", "--args", "{}"], "did you mean `calculator`?"),
      (["tool", "calculator", "--args", "{"], "--args"),
      (["describe", "calculater"], "did you mean `calculator`?"),
      (["serve", "--env", "nothing-like-it"], "known: calculator"), (["serve", "--port", "70000"], "--port"),
      (["fly"], "fly"), (["replay"], "--all"), (["trajectories", "ls", "--split", "dev"], "dev"),
    ])
  func usage(arguments: [String], hint: String) async throws {
    let output = try await AgentEnvProgram.run(arguments)
    #expect(output.status == 2)
    #expect(output.text.isEmpty)
    #expect(output.errors.contains(hint))
    #expect(output.errors.split(separator: "\n").count == 1)
  }

  @Test("a missing or foreign store is one line on stderr, and 1")
  func stores() async throws {
    let folder = try TemporaryFolder()
    let missing = try await AgentEnvProgram.run("trajectories", "ls", "--store", folder.path("none.sqlite"))
    #expect(missing.status == 1)
    #expect(missing.errors.contains("--store"))
    try Data("not a database, but longer than a header would be, so that SQLite reads it".utf8)
      .write(to: URL(fileURLWithPath: folder.path("text.sqlite")))
    for command in [["serve", "--port", "0"], ["trajectories", "ls"], ["replay", "--all"]] {
      let output = try await AgentEnvProgram.run(command + ["--store", folder.path("text.sqlite")])
      #expect(output.status == 1)
      #expect(output.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("trajectories go from a file through a store to the same bytes, and replay finds what was changed")
  func trajectories() async throws {
    let folder = try TemporaryFolder()
    let (store, file) = (folder.path("a.sqlite"), folder.path("in.jsonl"))
    let record = try #require(Self.record(answer: "4"))
    try Data((record + "\n").utf8).write(to: URL(fileURLWithPath: file))
    let imported = try await AgentEnvProgram.run("trajectories", "import", file, "--store", store, "--json")
    #expect(imported.text == #"{"imported":1,"skipped":0}"# + "\n")
    let exported = try await AgentEnvProgram.run("trajectories", "export", "--store", store)
    #expect(exported.text == record + "\n")
    let list = try await AgentEnvProgram.run("trajectories", "ls", "--store", store, "--json", "--env", "calculator")
    #expect(try JSONValue(parsing: list.text)["turns"] == 1)
    let none = try await AgentEnvProgram.run("trajectories", "ls", "--store", store, "--json", "--split", "test")
    #expect(none.text.isEmpty)
    let shown = try await AgentEnvProgram.run("trajectories", "show", "hand", "--store", store)
    #expect(shown.text.contains("→ calculator {\"expression\":\"2+2\"}"))
    #expect(!shown.text.contains("\u{1B}"))
    let unknown = try await AgentEnvProgram.run("trajectories", "show", "foot", "--store", store)
    #expect(unknown.status == 2)
    let replay = try await AgentEnvProgram.run("replay", "--all", "--verify", "--json", "--store", store)
    #expect(replay.status == 1)
    #expect(try JSONValue(parsing: replay.text)["status"] == "diverged")
  }

  @Test("a wrong line of an import says where, and nothing is imported")
  func badImport() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("bad.jsonl")
    let record = try #require(Self.record(answer: "4"))
    try Data((record + "\n{\"format\":\"agentenv.trajectory/1\"}\n").utf8).write(to: URL(fileURLWithPath: file))
    let output = try await AgentEnvProgram.run("trajectories", "import", file, "--store", folder.path("b.sqlite"))
    #expect(output.status == 1)
    #expect(output.errors.contains("bad.jsonl:2: "))
    let list = try await AgentEnvProgram.run("trajectories", "ls", "--store", folder.path("b.sqlite"), "--json")
    #expect(list.text.isEmpty)
  }

  @Test("serve says where it listens, refuses a port in use, and stops cleanly", arguments: [SIGTERM, SIGINT])
  func serve(signal: Int32) async throws {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try AgentEnvProgram.path)
    process.arguments = ["serve", "--port", "0", "--store", folder.path("s.sqlite")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(line.hasPrefix("listening on http://127.0.0.1:"))
    #expect(line.hasSuffix("\n"))
    let port = try #require(line.dropLast().split(separator: ":").last)
    let second = try await AgentEnvProgram.run("serve", "--port", "\(port)", "--store", folder.path("s.sqlite"))
    #expect(second.status == 1)
    #expect(second.errors.contains("is in use"))
    kill(process.processIdentifier, signal)
    let rest = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(rest.isEmpty)
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
  }

  /// A record by hand, whose task is not what the environment would set.
  private static func record(answer: String) -> String? {
    let json: JSONValue = [
      "format": "agentenv.trajectory/1", "id": "hand-made",
      "environment": ["name": "calculator", "version": "1.0.0"],
      "task": [
        "id": "t", "split": "train", "category": "add", "difficulty": 0.1,
        "payload": ["question": "What is 2+2?", "answer": .string(answer)],
      ],
      "seed": 1, "messages": [["role": "user", "content": "What is 2+2?"]],
      "turns": [
        [
          "index": 0,
          "action": [
            "text": "", "finish": "stop",
            "tool_calls": [["id": "a", "name": "calculator", "arguments": ["expression": "2+2"]]],
          ],
          "observation": ["messages": [["role": "tool", "content": "4", "name": "calculator", "tool_call_id": "a"]]],
          "tool_results": [["id": "a", "status": "ok", "content": "4", "duration_ms": 0.1]],
          "reward": 0.0, "reward_components": [:], "masked": false, "started_at": "2026-01-01T00:00:00.000Z",
          "duration_ms": 1.0,
        ]
      ],
    ]
    // In the writer's own form, so that the bytes can be compared.
    return (try? Trajectory(json: json))?.json.serialized()
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("agentenv-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

/// The `agentenv` that was built with these tests.
enum AgentEnvProgram {
  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String
  }

  static var path: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("agentenv").path
    }
  }

  static func run(_ arguments: String...) async throws -> Output { try await run(arguments) }

  static func run(_ arguments: [String]) async throws -> Output {
    let path = try path
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            let (output, errors) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = errors
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            let errorText = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Output(
              status: process.terminationStatus, text: String(decoding: text, as: UTF8.self),
              errors: String(decoding: errorText, as: UTF8.self))
          })
      }
    }
  }
}
