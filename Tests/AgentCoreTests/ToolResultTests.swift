import AgentCore
import Testing

@Suite struct ToolResultTests {
  private func record(_ isolation: Isolation?) -> Trajectory {
    var trajectory = TrajectoryTests.sample
    trajectory.turns[0].toolResults[0].isolation = isolation
    return trajectory
  }

  @Test("what isolated a call's code stands in the record", arguments: [[], ["memory:rlimit", "hostname"]])
  func isolation(degraded: [String]) throws {
    let trajectory = record(Isolation(mode: "no-namespace", degraded: degraded))
    let text = trajectory.json.serialized()
    #expect(try Trajectory(json: JSONValue(parsing: text)) == trajectory)
    let result = trajectory.json["turns"]?.arrayValue?[0]["tool_results"]?.arrayValue?[0]
    #expect(result?["isolation"] == "no-namespace")
    #expect(result?["degraded"] == .array(degraded.map(JSONValue.string)))
  }

  @Test("a record of calls that ran no code says nothing of it, as records did before")
  func absent() throws {
    let text = record(nil).json.serialized()
    #expect(!text.contains("isolation") && !text.contains("degraded"))
    #expect(try Trajectory(json: JSONValue(parsing: text)).turns[0].toolResults[0].isolation == nil)
  }

  @Test("layers without a mode are refused with their place")
  func bad() throws {
    let text = record(Isolation(mode: "full", degraded: ["pids:rlimit"])).json.serialized()
    for (found, reason) in [
      ("\"isolation\":\"full\",", "turns[0].tool_results[0].degraded"), ("\"full\"", ""),
    ] {
      let changed = text.replacing(found, with: found == "\"full\"" ? "7" : "")
      let error = #expect(throws: JSONError.self) { try Trajectory(json: JSONValue(parsing: changed)) }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
  }
}
