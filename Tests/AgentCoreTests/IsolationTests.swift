import AgentCore
import Testing

@Suite struct IsolationTests {
  @Test("an isolation is read back as it was written")
  func roundTrip() throws {
    for isolation in [Isolation(mode: "full"), Isolation(mode: "no-namespace", degraded: ["quota:polled"]), .none] {
      #expect(try Isolation(json: isolation.json, path: "isolation") == isolation)
    }
  }

  @Test("what is no isolation is refused with its path")
  func refused() {
    #expect(throws: JSONError.value(reason: "missing", path: "isolation.mode")) {
      try Isolation(json: ["degraded": []], path: "isolation")
    }
    #expect(throws: JSONError.value(reason: "expected a string, found an integer", path: "isolation.degraded[1]")) {
      try Isolation(json: ["mode": "full", "degraded": ["metadata", 1]], path: "isolation")
    }
  }
}
