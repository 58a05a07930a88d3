import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Testing

@testable import EnvironmentServer

@Suite struct HTTPEndpointTests {
  @Test("health, metadata, schema and openapi have OpenEnv's form")
  func description() async throws {
    try await TestServer.run { server in
      #expect(try await HTTPReply.get(server.port, "health").body == #"{"status":"healthy"}"#)
      let metadata = try await HTTPReply.get(server.port, "metadata").json
      #expect(metadata?["name"] == "calculator")
      let schema = try await HTTPReply.get(server.port, "schema").json?.objectValue
      #expect(schema.map { Array($0.keys) } == ["action", "observation", "state", "reset_observation"])
      let openAPI = try await HTTPReply.get(server.port, "openapi.json").json
      #expect(openAPI?.at("info", "version")?.stringValue?.hasPrefix("1.") == true)
      for path in ["/reset", "/step", "/state"] { #expect(openAPI?["paths"]?[path] != nil) }
    }
  }

  @Test("the page needs nothing from elsewhere and shows names as text")
  func page() async throws {
    let hostile = EnvironmentDefinition(
      name: "x", version: "1", description: "<script>alert(1)</script>",
      tasks: SlowEnvironment.definition(delay: .zero).tasks, toolSchemas: [],
      make: { SlowEnvironment(delay: .zero) })
    try await TestServer.run(environments: [hostile]) { server in
      let page = try await HTTPReply.get(server.port, "docs")
      #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
      #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(page.body.contains("&lt;script&gt;"))
      #expect(!page.body.contains("<script"))
      #expect(!page.body.contains("https://"))
    }
  }

  @Test("reset, step and state keep nothing and record nothing")
  func stateless() async throws {
    try await TestServer.run { server in
      let first = try await HTTPReply.post(server.port, "reset", #"{"seed":3}"#).json
      let second = try await HTTPReply.post(server.port, "reset", #"{"seed":3}"#).json
      #expect(first?.at("observation", "messages") == second?.at("observation", "messages"))
      #expect(first?["metadata"] == .null)
      #expect(try await HTTPReply.post(server.port, "reset", "").status == 200)
      let step = try await HTTPReply.post(
        server.port, "step",
        #"{"action":{"tool_name":"calculator","arguments":{"expression":"6*7"}},"timeout_s":5,"request_id":"r"}"#)
      #expect(step.json?.at("observation", "result", "data") == "42")
      #expect(try await HTTPReply.get(server.port, "state").json?["step_count"] == 0)
      #expect(try await server.store.count() == 0)
    }
  }

  @Test(
    "bad requests are 422 with the place, unknown paths 404",
    arguments: [
      ("reset", #"{"seed":-1}"#, 422, ["body", "seed"]), ("reset", "{", 422, ["body"]),
      ("reset", "[]", 422, ["body"]), ("step", "{}", 422, ["body", "action"]),
      ("step", #"{"action":{"tool_name":1}}"#, 422, ["body", "action", "tool_name"]),
      ("step", #"{"action":{"message":"x"},"timeout_s":0}"#, 422, ["body", "timeout_s"]),
    ] as [(String, String, Int, [String])])
  func badRequests(path: String, body: String, status: Int, location: [String]) async throws {
    try await TestServer.run { server in
      let reply = try await HTTPReply.post(server.port, path, body)
      #expect(reply.status == status)
      #expect(reply.json?["detail"]?.arrayValue?.first?["loc"] == .array(location.map(JSONValue.string)))
      #expect(try await HTTPReply.get(server.port, "nowhere").status == 404)
    }
  }

  @Test("a step that takes longer than its timeout_s is a 504, soon")
  func timeout() async throws {
    try await TestServer.run(environments: [SlowEnvironment.definition(delay: .seconds(8))]) { server in
      let start = ContinuousClock.now
      let reply = try await HTTPReply.post(
        server.port, "step", #"{"action":{"message":"x"},"timeout_s":0.2}"#)
      #expect(reply.status == 504)
      #expect(ContinuousClock.now - start < .seconds(4))
    }
  }

  @Test("the task API lists tasks without their payloads")
  func tasks() async throws {
    let calculator = try EnvironmentRegistry.builtin().definition("calculator")
    try await TestServer.run(environments: [SlowEnvironment.definition(delay: .zero), calculator]) { server in
      let port = server.port
      #expect(try await HTTPReply.get(port, "list_environments").json == ["slow", "calculator"])
      #expect(try await HTTPReply.get(port, "SLOW/splits").json == [["name": "train", "type": "train"]])
      #expect(try await HTTPReply.post(port, "slow/num_tasks", #"{"split":"train"}"#).json == ["num_tasks": 1])
      let all = try await HTTPReply.post(port, "slow/tasks", #"{"split":"train"}"#)
      #expect(all.json?["tasks"]?.arrayValue?.first?["id"] == "only")
      #expect(!all.body.contains("hidden-answer"))
      let range = try await HTTPReply.post(port, "calculator/task_range", #"{"split":"test","start":2,"stop":5}"#)
      #expect(range.json?["tasks"]?.arrayValue?.map { $0["index"] } == [2, 3, 4])
      let single = try await HTTPReply.post(port, "calculator/task", #"{"split":"test","index":2}"#)
      #expect(single.json?["task"] == range.json?["tasks"]?.arrayValue?.first)
      #expect(try await HTTPReply.post(port, "slow/task", #"{"split":"train","index":9}"#).status == 400)
      #expect(try await HTTPReply.post(port, "calculator/num_tasks", #"{"split":"test"}"#).status == 501)
      let unknown = try await HTTPReply.post(port, "x/tasks", #"{"split":"train"}"#)
      #expect(unknown.status == 404)
      #expect(unknown.json == ["detail": "unknown environment 'x'"])
    }
  }

  @Test("an ordinary request for the WebSocket endpoint is told what it is")
  func upgradeRequired() async throws {
    try await TestServer.run { server in
      let reply = try await HTTPReply.get(server.port, "ws")
      #expect(reply.status == 426)
      await #expect(throws: (any Error).self) { try await server.withClient("/nowhere") { _ in } }
    }
  }
}
