import AgentCore
import Testing

@testable import PolicyOptimization

@Suite struct GroupCreditTests {
  private func member(_ id: String, reward: Double = 0) -> Trajectory {
    var prompt = EncodedTokens()
    prompt.append([1, 2], provenance: .user)
    let action = Action(text: "a", tokens: PolicyTokens(ids: [3], logprobs: [-1]), finish: .stop)
    return Trajectory(
      id: id, groupID: "g", environment: EnvironmentReference(name: "e", version: "1"),
      task: EnvironmentTask(id: "t", split: .train, category: "", difficulty: 0, payload: [:]), seed: 1,
      policy: PolicyDescription(name: "p", version: 4, digest: "d", sampling: [:]), messages: [], prompt: prompt,
      turns: [
        Turn(
          index: 0, action: action, observation: Observation(messages: []), reward: 0, startedAt: "",
          duration: .zero)
      ],
      outcome: Outcome(reward: reward, rewardComponents: [:], isSuccess: false, termination: .answered))
  }

  @Test(
    "a group of different tasks, groups or policy versions is refused with the member that does not belong",
    arguments: [
      ("belongs to group h", { @Sendable (member: inout Trajectory) in member.groupID = "h" }),
      ("belongs to group none", { @Sendable (member: inout Trajectory) in member.groupID = nil }),
      ("has task u", { @Sendable (member: inout Trajectory) in member.task.id = "u" }),
      ("has task t", { @Sendable (member: inout Trajectory) in member.task.payload = ["x": 1] }),
      ("another policy version", { @Sendable (member: inout Trajectory) in member.policy?.version = 5 }),
      ("another policy version", { @Sendable (member: inout Trajectory) in member.policy?.digest = "e" }),
      ("another policy version", { @Sendable (member: inout Trajectory) in member.policy = nil }),
    ] as [(String, @Sendable (inout Trajectory) -> Void)])
  func violations(reason: String, change: @Sendable (inout Trajectory) -> Void) throws {
    var group = [member("a"), member("b"), member("c")]
    try checkGroup(group)
    change(&group[2])
    #expect {
      try checkGroup(group)
    } throws: { error in
      guard case TrainingError.brokenGroup("g", let text) = error else { return false }
      return text.hasPrefix("c ") && text.contains(reason)
    }
  }

  @Test("a checked group gets one advantage a turn; an unfinished member or one without tokens is refused")
  func credit() throws {
    let group = [member("a", reward: 1), member("b"), member("c")]
    let episodes = try creditedEpisodes(group, by: DrGRPO())
    #expect(episodes.map(\.id) == ["a", "b", "c"])
    let mean = 1.0 / 3
    #expect(episodes.map(\.advantages) == [[1 - mean], [-mean], [-mean]])
    #expect(try creditedEpisodes([], by: DrGRPO()).isEmpty)
    var open = group
    open[1].outcome = nil
    #expect(throws: CreditError.unfinished("b")) { try creditedEpisodes(open, by: DrGRPO()) }
    var mute = group
    mute[1].turns[0].action.tokens = nil
    #expect(throws: JSONError.self) { try creditedEpisodes(mute, by: DrGRPO()) }
  }
}
