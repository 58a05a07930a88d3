import AgentCore
import Foundation
import Testing

/// The openenv package's client against our server. Needs `AGENTENV_TEST_PYTHON`, a Python with `requirements.txt`.
@Suite struct OpenEnvClientTests {
  private static let python = ProcessInfo.processInfo.environment["AGENTENV_TEST_PYTHON"]

  @Test(
    "the openenv package's client plays an episode",
    .enabled(
      if: python != nil,
      "set AGENTENV_TEST_PYTHON to a Python that has Tests/EnvironmentServerTests/requirements.txt installed"))
  func episode() async throws {
    let python = try #require(Self.python)
    try await TestServer.run { server in
      let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("openenv_client.py").path
      let output = try await Program.run(python, [script, "http://127.0.0.1:\(server.port)"])
      #expect(output.status == 0, "\(output.errors)")
      let seen = try JSONValue(parsing: output.text)
      #expect(seen["opening"] == ["done": false, "reward": nil, "task": seen["opening"]?["task"] ?? .null])
      #expect(seen["opening"]?["task"]?.stringValue?.hasPrefix("test-4-") == true)
      #expect(seen["tools"] == ["calculator"])
      #expect(seen["call"] == ["data": "393530540239137101141", "done": false])
      #expect(seen["state"]?["episode_id"] == "from-python")
      #expect(seen["state"]?["step_count"] == 1)
      #expect(seen["end"] == ["done": true, "reward": 0.0, "outcome": "answered"])
      #expect(seen["after_end"]?.stringValue?.contains("EXECUTION_ERROR") == true)
      #expect(seen["same_seed_same_task"] == true)
      let recorded = try await server.store.list()
      #expect(recorded.count == 3)
      #expect(recorded.map { $0.termination } == [.answered, .aborted, .aborted])
    }
  }
}
