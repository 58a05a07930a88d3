import AgentCore
import AgentTools
import Configuration
import EnvironmentKit
import Foundation
import Testing

/// What a manifest can say of each tool.
@Suite struct StandardToolsTests {
  /// A folder with a file for every tool that needs one.
  private func folder() throws -> String {
    let path = NSTemporaryDirectory() + "standard-tools-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
    try write("corpus.jsonl", #"{"id":"1","title":"Red panda","text":"The red panda lives in the Himalaya."}"# + "\n")
    try write("facts.tsv", "Paris\tcapital_of\tFrance\n")
    try write("tasks.jsonl", #"{"id":"t","split":"train","payload":{"question":"?","answer":"1"}}"# + "\n")
    return path
  }

  private func definition(_ tool: String, in folder: String, key: String = "tools") throws -> EnvironmentDefinition {
    let manifest = """
      name: e
      version: 1.0.0
      \(key): [\(tool)]
      tasks: {file: tasks.jsonl}
      rewards: {outcome: {answer: {kind: exact_match}}}
      """
    try Data(manifest.utf8).write(to: URL(fileURLWithPath: "\(folder)/environment.yaml"))
    var registry = EnvironmentRegistry()
    let name = try registry.load(path: folder)
    return try registry.definition(name)
  }

  private func answer(_ tool: String, _ arguments: JSONValue, in folder: String) async throws -> ToolResult {
    let definition = try definition(tool, in: folder)
    let environment = try definition.makeEnvironment()
    _ = try await environment.reset(try definition.tasks.task(.train, at: 0), seed: 0)
    let name = try #require(definition.toolSchemas.first?.name)
    let step = try await environment.step(
      Action(text: "", toolCalls: [ToolCall(id: "call_0", name: name, arguments: arguments)]),
      deadline: .now + .seconds(20))
    await environment.close()
    return try #require(step.toolResults.first)
  }

  @Test("paths of settings start at the manifest's folder")
  func paths() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let found = try await answer("{name: search, corpus: corpus.jsonl}", ["query": "panda"], in: folder)
    #expect(found.status == .ok)
    #expect(found.content.contains("Himalaya"))
    let fact = try await answer(
      "{name: graph, file: facts.tsv}", ["operation": "neighbours", "entity": "Paris"], in: folder)
    #expect(fact.status == .ok)
    #expect(fact.content.contains("France"))
  }

  @Test("notes stay for the session and are gone in the next")
  func notes() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let written = try await answer(
      "notes", ["operation": "write", "name": "plan", "text": "look first"], in: folder)
    #expect(written.status == .ok)
    let read = try await answer("notes", ["operation": "read", "name": "plan"], in: folder)
    #expect(read.status == .error)
  }

  @Test("a page outside the allowed hosts is denied, not fetched")
  func fetch() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let denied = try await answer(
      "{name: fetch, allow: [example.org]}", ["url": "http://example.com/"], in: folder)
    #expect(denied.status == .denied)
  }

  @Test(
    "a setting that is unknown, missing or of the wrong kind is an error that names it",
    arguments: [
      ("{name: sql}", "database"), ("{name: sql, databse: x.sqlite}", "database"),
      ("{name: notes, max_note: 3}", "max_note"), ("{name: graph}", "file"),
      ("{name: fetch}", "allow"), ("{name: search}", "index"), ("{name: search, index: a, url: b}", "one of"),
      ("{name: notes, max_notes: many}", "max_notes"), ("{name: serch, index: a}", "did you mean `search`"),
      ("{name: python, timeout: 0s}", "timeout"), ("{name: python, isolation: none}", "isolation"),
    ])
  func wrong(tool: String, problem: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      _ = try definition(tool, in: folder)
      Issue.record("\(tool) was accepted")
    } catch {
      #expect("\(error)".contains(problem), "\(error)")
    }
  }

  @Test("a missing corpus, database or triples file is an error when the environment is loaded")
  func missing() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for tool in [
      "{name: search, index: none.sqlite}", "{name: search, corpus: none.jsonl}", "{name: sql, database: none.sqlite}",
      "{name: graph, file: none.tsv}", "{name: search, recorded: none.jsonl}",
    ] {
      #expect(throws: (any Error).self) { try definition(tool, in: folder) }
    }
  }

  @Test(
    "an MCP server that is described wrongly, or does not start, is an error when the environment is loaded",
    arguments: [
      ("{command: [x], url: http://127.0.0.1:1/mcp}", "either `command"), ("{}", "either `command"),
      ("{url: http://127.0.0.1:1/mcp, env: {A: b}}", "env"), ("{command: [x], headers: {A: b}}", "headers"),
      ("{command: [x], tool: [y]}", "tool"), ("{command: [/nonexistent/server]}", "/nonexistent/server"),
      ("{command: [x], share: everyone}", "share"), ("{url: http://127.0.0.1:1/mcp}", "127.0.0.1:1"),
    ])
  func wrongServer(server: String, problem: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      _ = try definition(server, in: folder, key: "mcp")
      Issue.record("\(server) was accepted")
    } catch {
      #expect("\(error)".contains(problem), "\(error)")
    }
  }
}
