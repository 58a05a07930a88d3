import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Testing

@testable import EnvironmentServer

@Suite struct LifecycleTests {
  @Test("a full server says so in the first frame, and has room again when a client leaves")
  func capacity() async throws {
    try await TestServer.run {
      $0.maxSessions = 2
    } _: { server in
      try await server.withClient { first in
        _ = try await first.reset()
        try await server.withClient { second in
          _ = try await second.reset()
          try await server.withClient { third in
            let refusal = try await third.receive()
            #expect(refusal.errorCode == "CAPACITY_REACHED")
            #expect(refusal.at("data", "active_sessions") == 2)
            #expect(refusal.at("data", "max_sessions") == 2)
            #expect(try await third.closeCode() == 1000)
          }
          let busy = try await HTTPReply.post(server.port, "reset", "{}")
          #expect(busy.status == 503)
        }
        try await server.eventually("the place was not freed") {
          try await server.withClient { try await $0.ask(["type": "state"]).at("type") == "state" }
        }
      }
    }
  }

  @Test("a client that vanishes in the middle of a step frees its place at once and leaves an aborted record")
  func vanishing() async throws {
    try await TestServer.run(environments: [SlowEnvironment.definition(delay: .seconds(8))]) {
      $0.maxSessions = 1
    } _: { server in
      let start = ContinuousClock.now
      try await server.withClient { client in
        _ = try await client.reset()
        try await client.send(#"{"type":"step","data":{"message":"x"}}"#)
        try await Task.sleep(for: .milliseconds(50))
      }
      try await server.eventually("the place was not freed") {
        try await server.withClient { try await $0.ask(["type": "state"]).at("type") == "state" }
      }
      #expect(ContinuousClock.now - start < .seconds(5))
      try await server.eventually("the episode was not ended") {
        try await server.store.list().first?.termination == .aborted
      }
    }
  }

  @Test("64 sessions at once are each their own")
  func manySessions() async throws {
    let count = 64
    let tasks = try EnvironmentRegistry.builtin().definition("calculator").tasks
    try await TestServer.run { server in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<count {
          let answer = try #require(try tasks.task(.train, at: index).payload["answer"]?.stringValue)
          group.addTask {
            try await server.withClient { client in
              _ = try await client.reset(["index": JSONValue(index), "seed": JSONValue(index)])
              for turn in 0..<5 {
                let reply = try await client.step([
                  "tool_name": "calculator", "arguments": ["expression": .string("\(index)*1000+\(turn)")],
                ])
                #expect(
                  reply.at("data", "observation", "result", "data")?.stringValue == "\(index * 1000 + turn)")
              }
              let end = try await client.step(["message": .string(answer)])
              #expect(end.at("data", "observation", "outcome", "success") == true)
            }
          }
        }
        try await group.waitForAll()
      }
      let recorded = try await server.store.list()
      #expect(recorded.count == count)
      #expect(recorded.allSatisfy { $0.turns == 6 && $0.isSuccess == true })
    }
  }

  @Test("a shutdown finishes the step that is being taken, says goodbye and records the end")
  func shutdown() async throws {
    try await TestServer.run(environments: [SlowEnvironment.definition(delay: .milliseconds(300))]) { server in
      try await server.withClient { client in
        _ = try await client.reset()
        try await client.send(#"{"type":"step","data":{"message":"x"}}"#)
        try await Task.sleep(for: .milliseconds(100))
        await server.group.triggerGracefulShutdown()
        #expect(try await client.receive().at("data", "observation", "turn") == 0)
        #expect(try await client.closeCode() == 1001)
      }
      try await server.eventually("the episode was not ended") {
        let summary = try await server.store.list().first
        return summary?.termination == .aborted && summary?.turns == 1
      }
    }
  }

  @Test("an environment that hangs ends the episode with a timeout that the client sees")
  func hangingEnvironment() async throws {
    var limits = EpisodeLimits()
    limits.turnTimeout = .milliseconds(200)
    let hanging = SlowEnvironment.definition(delay: .seconds(60), limits: limits)
    try await TestServer.run(environments: [hanging]) { server in
      try await server.withClient { client in
        _ = try await client.reset()
        let reply = try await client.step(["message": "x"])
        #expect(reply.at("data", "done") == true)
        #expect(reply.at("data", "observation", "outcome", "termination") == "timeout")
      }
    }
  }

  @Test("a port in use is one clear error")
  func portInUse() async throws {
    try await TestServer.run { server in
      await #expect(throws: ServerError.portInUse(host: "127.0.0.1", port: server.port)) {
        try await TestServer.run {
          $0.port = server.port
        } _: { _ in
          Issue.record("two servers on one port")
        }
      }
    }
  }
}
