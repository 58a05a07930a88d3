import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Testing

@testable import EnvironmentServer

@Suite struct SessionProtocolTests {
  /// The answer of a calculator task, which the protocol does not tell.
  private func answer(_ split: Split, _ index: Int) throws -> String {
    let task = try EnvironmentRegistry.builtin().definition("calculator").tasks.task(split, at: index)
    return try #require(task.payload["answer"]?.stringValue)
  }

  @Test("an episode: tools, a call, the right answer, and the record of it")
  func episode() async throws {
    let answer = try answer(.test, 5)
    try await TestServer.run { server in
      let id = try await server.withClient { client in
        let opening = try await client.reset(["seed": 7, "split": "test", "index": 5, "episode_id": "ep", "extra": 1])
        let observation = try #require(opening.at("data", "observation"))
        #expect(opening.at("type") == "observation")
        #expect(opening.at("data", "reward") == .null)
        #expect(opening.at("data", "done") == false)
        #expect(observation["messages"]?.arrayValue?.count == 2)
        #expect(observation.at("task", "split") == "test")
        #expect(observation.at("task", "payload") == nil)
        #expect(observation.at("metadata", "ignored") == ["extra"])

        let tools = try await client.step(["type": "list_tools"])
        #expect(tools.at("data", "observation", "tools")?.arrayValue?.first?["name"] == "calculator")

        let call = try await client.step(["tool_name": "calculator", "arguments": ["expression": "2^64"]])
        #expect(call.at("data", "observation", "result", "data") == "18446744073709551616")
        #expect(call.at("data", "observation", "error") == .null)
        #expect(call.at("data", "done") == false)

        let state = try await client.ask(["type": "state"])
        #expect(state.at("data", "episode_id") == "ep")
        #expect(state.at("data", "step_count") == 1)

        let end = try await client.step(["message": .string(answer)])
        #expect(end.at("data", "reward")?.doubleValue == 1)
        #expect(end.at("data", "done") == true)
        #expect(end.at("data", "observation", "outcome", "success") == true)

        let late = try await client.step(["message": "again"])
        #expect(late.errorCode == "EXECUTION_ERROR")
        try await client.send("{\"type\":\"close\"}")
        #expect(try await client.closeCode() == 1000)
        return try #require(observation["trajectory_id"]?.stringValue)
      }
      let trajectory = try #require(try await server.store.trajectory(id))
      #expect(trajectory.turns.count == 2)
      #expect(trajectory.seed == 7)
      #expect(trajectory.outcome?.isSuccess == true)
    }
  }

  @Test("a whole policy turn: calls in the text, parsed calls in both forms, broken calls")
  func policyTurns() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        _ = try await client.reset(["seed": 1])
        let hermes = #"think <tool_call>{"name":"calculator","arguments":{"expression":"6*7"}}</tool_call>"#
        let first = try await client.step(["message": .string(hermes)])
        #expect(first.at("data", "observation", "messages")?.arrayValue?.first?["content"] == "42")
        let openAI: JSONValue = [
          "id": "a", "type": "function",
          "function": ["name": "calculator", "arguments": "{\"expression\":\"1+1\"}"],
        ]
        let plain: JSONValue = ["name": "calculator", "arguments": ["expression": "2+2"]]
        let second = try await client.step([
          "message": "", "tool_calls": [openAI, plain], "token_ids": [5, 6], "logprobs": [-0.5, -1],
          "finish": "stop",
        ])
        let results = try #require(second.at("data", "observation", "tool_results")?.arrayValue)
        #expect(results.map { $0["content"] } == ["2", "4"])
        #expect(results.first?["id"] == "a")
        let broken = try await client.step(["message": "<tool_call>{\"name\": oops"])
        #expect(broken.at("data", "done") == false)
        #expect(broken.at("data", "observation", "messages")?.arrayValue?.count == 1)
        #expect(broken.at("data", "observation", "reward_components", "invalid_call")?.doubleValue == -0.1)
      }
      let id = try #require(try await server.store.list().first?.id)
      let trajectory = try #require(try await server.store.trajectory(id))
      #expect(trajectory.turns[1].action.tokens == PolicyTokens(ids: [5, 6], logprobs: [-0.5, -1]))
      let ids = trajectory.turns.flatMap { $0.action.toolCalls.map(\.id) }
      #expect(Set(ids).count == ids.count)
    }
  }

  @Test(
    "what goes wrong in a call is told by its kind",
    arguments: [
      (["tool_name": "calculatr", "arguments": [:]], "tool_not_found"),
      (["type": "call_tool", "tool_name": "calculator", "arguments": ["x": 1]], "invalid_args"),
      (["tool_name": "calculator", "arguments": ["expression": "1/0"]], "execution_error"),
    ] as [(JSONValue, String)])
  func failedCalls(action: JSONValue, kind: String) async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        _ = try await client.reset()
        let reply = try await client.step(action)
        #expect(reply.at("data", "observation", "error", "error_type") == .string(kind))
        #expect(reply.at("data", "observation", "result") == .null)
      }
    }
  }

  @Test(
    "a bad request costs an error and not the session",
    arguments: [
      ("{", "INVALID_JSON"), ("", "INVALID_JSON"), ("[1,2]", "VALIDATION_ERROR"), ("7", "VALIDATION_ERROR"),
      ("{}", "UNKNOWN_TYPE"), (#"{"type":"fly"}"#, "UNKNOWN_TYPE"), (#"{"type":3}"#, "UNKNOWN_TYPE"),
      (#"{"type":"step"}"#, "VALIDATION_ERROR"), (#"{"type":"step","data":[]}"#, "VALIDATION_ERROR"),
      (#"{"type":"step","data":{}}"#, "VALIDATION_ERROR"),
      (#"{"type":"step","data":{"tool_name":4}}"#, "VALIDATION_ERROR"),
      (#"{"type":"step","data":{"message":"x"},"timeout_s":1}"#, "VALIDATION_ERROR"),
      (#"{"type":"step","data":{"message":"x","token_ids":[1],"logprobs":[]}}"#, "VALIDATION_ERROR"),
      (#"{"type":"reset","data":{"seed":-1}}"#, "VALIDATION_ERROR"),
      (#"{"type":"reset","data":{"split":"dev"}}"#, "VALIDATION_ERROR"),
      (#"{"type":"state","data":{}}"#, "VALIDATION_ERROR"),
    ])
  func badRequests(text: String, code: String) async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        _ = try await client.reset(["episode_id": "kept"])
        try await client.send(text)
        #expect(try await client.receive().errorCode == code)
        #expect(try await client.ask(["type": "state"]).at("data", "episode_id") == "kept")
      }
    }
  }

  @Test("a validation error says where and what")
  func validationDetails() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        let reply = try await client.ask(["type": "reset", "data": ["split": "dev"]])
        let problem = try #require(reply.at("data", "errors")?.arrayValue?.first)
        #expect(problem["loc"] == ["reset", "data", "split"])
        #expect(problem["msg"]?.stringValue?.contains("train, validation, test") == true)
      }
    }
  }

  @Test("a step before a reset is an error; a second reset ends the episode before it")
  func resets() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        #expect(try await client.step(["message": "x"]).errorCode == "EXECUTION_ERROR")
        #expect(try await client.ask(["type": "state"]).at("data", "step_count") == 0)
        let first = try await client.reset(["seed": 1]).at("data", "observation", "trajectory_id")?.stringValue
        let second = try await client.reset(["seed": 1]).at("data", "observation", "trajectory_id")?.stringValue
        #expect(first != second)
        let recorded = try await server.store.trajectory(#require(first))
        #expect(recorded?.outcome?.termination == .aborted)
      }
    }
  }

  @Test("the same seed asks for the same task")
  func seeds() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        let tasks = try await [7, 7, 8].asyncMap { seed in
          try await client.reset(["seed": JSONValue(seed)]).at("data", "observation", "task", "id")
        }
        #expect(tasks[0] == tasks[1])
        #expect(tasks[0] != tasks[2])
      }
    }
  }

  @Test("an environment is chosen by the query or the reset; an unknown one is refused")
  func environments() async throws {
    let calculator = try EnvironmentRegistry.builtin().definition("calculator")
    try await TestServer.run(environments: [calculator, SlowEnvironment.definition(delay: .zero)]) { server in
      try await server.withClient("/ws?env=Slow") { client in
        #expect(try await client.reset().at("data", "observation", "environment") == "slow")
        #expect(
          try await client.reset(["env": "calculator"]).at("data", "observation", "environment") == "calculator")
        let reply = try await client.reset(["env": "calculater"])
        #expect(reply.at("data", "message")?.stringValue?.contains("did you mean `calculator`?") == true)
      }
      try await server.withClient("/ws?env=nope") { client in
        let refusal = try await client.receive()
        #expect(refusal.errorCode == "FACTORY_ERROR")
        #expect(try await client.closeCode() == 1000)
      }
      try await server.withClient("/ws?session_id=nope") { client in
        let refusal = try await client.receive()
        #expect(refusal.at("data", "message") == "Unknown session_id: nope")
        #expect(try await client.closeCode() == 1000)
      }
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
