import AgentCore
import Testing

@Suite("Trajectory records")
struct TrajectoryTests {
  static let sample: Trajectory = {
    var prompt = EncodedTokens()
    prompt.append([1, 2], provenance: .template)
    prompt.append([3, 4, 5], provenance: .user)
    var observed = EncodedTokens()
    observed.append([9], provenance: .template)
    observed.append([10, 11], provenance: .tool)
    let call = ToolCall(id: "call-0-0", name: "calculator", arguments: ["expression": "2+2"])
    let turns = [
      Turn(
        index: 0, stateKey: "sha256:aa", progress: 0,
        action: Action(
          text: "<tool_call>…</tool_call>", toolCalls: [call],
          malformedCalls: [MalformedCall(text: "{", reason: "unexpected end")],
          tokens: PolicyTokens(ids: [6, 7, 8], logprobs: [-0.1, -0.25, -3.5])),
        observation: Observation(
          messages: [Message(role: .tool, content: "4", name: "calculator", toolCallID: "call-0-0")],
          tokens: observed),
        toolResults: [ToolResult(id: "call-0-0", status: .ok, content: "4", duration: .microseconds(125))],
        reward: -0.1, rewardComponents: ["invalid_call": -0.1], startedAt: "2026-11-21T04:00:00.123Z",
        duration: .microseconds(3_100)),
      Turn(
        index: 1,
        action: Action(text: "4", tokens: PolicyTokens(ids: [12, 8], logprobs: [-0.5, -0.125]), finish: .length),
        observation: Observation(messages: []), reward: 0, startedAt: "2026-11-21T04:00:00.200Z", duration: .zero),
    ]
    return Trajectory(
      id: "t-1", groupID: "g-1", environment: EnvironmentReference(name: "calculator", version: "1.0.0"),
      task: EnvironmentTask(
        id: "add-17", split: .train, category: "add", difficulty: 0.4, payload: ["question": "2+2?"]),
      seed: 17,
      policy: PolicyDescription(name: "tiny", version: 3, digest: "sha256:bb", sampling: ["temperature": 1.0]),
      messages: [Message(role: .user, content: "2+2?")], prompt: prompt, turns: turns,
      outcome: Outcome(reward: 1, rewardComponents: ["answer": 1], isSuccess: true, termination: .answered))
  }()

  @Test("a record reads back equal and is written with the same bytes")
  func roundTrip() throws {
    let text = Self.sample.json.serialized()
    let read = try Trajectory(json: try JSONValue(parsing: text))
    #expect(read == Self.sample)
    #expect(read.json.serialized() == text)
  }

  @Test("a record without tokens, policy or outcome reads back too")
  func sparse() throws {
    var trajectory = Self.sample
    trajectory.groupID = nil
    trajectory.policy = nil
    trajectory.prompt = nil
    trajectory.outcome = nil
    trajectory.turns = []
    let read = try Trajectory(json: try JSONValue(parsing: trajectory.json.serialized()))
    #expect(read == trajectory)
  }

  @Test(
    "what a reader does not understand is refused with its path",
    arguments: [
      (#""format":"agentenv.trajectory/1""#, #""format":"agentenv.trajectory/2""#, "format"),
      (#""index":0"#, #""index":1"#, "turns[0].index"),
      (#""finish":"stop""#, #""finish":"bored""#, "turns[0].action.finish"),
      (#""masked":false"#, #""masked":false,"mood":1"#, "turns[0].mood"),
      (#""success":true"#, #""success":"yes""#, "outcome.success"),
      (#""end":2"#, #""end":3"#, "prompt.spans[1]"),
      (#"[-0.1,-0.25,-3.5]"#, #"[-0.1,-0.25]"#, "turns[0].action.logprobs"),
      (#""split":"train""#, #""split":"exam""#, "task.split"),
    ])
  func refusal(old: String, new: String, path: String) throws {
    let text = Self.sample.json.serialized()
    let broken = text.replacing(old, with: new, maxReplacements: 1)
    #expect(broken != text)
    #expect {
      try Trajectory(json: try JSONValue(parsing: broken))
    } throws: { error in
      guard case JSONError.value(_, let where_) = error else { return false }
      return where_ == path
    }
  }

  @Test("the return is the outcome reward plus the turn rewards")
  func totalReturn() {
    #expect(Self.sample.totalReturn == 0.9)
  }
}

@Suite("Token sequences")
struct TokenSequenceTests {
  @Test("a trajectory flattens to its ids, and exactly the sampled ones carry a loss")
  func flatten() throws {
    let sequence = try TokenSequence(TrajectoryTests.sample)
    #expect(sequence.tokens.ids == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8])
    #expect(sequence.turnRanges == [5..<8, 11..<13])
    #expect(sequence.behaviorLogprobs == [[-0.1, -0.25, -3.5], [-0.5, -0.125]])
    let expected = [false, false, false, false, false, true, true, true, false, false, false, true, true]
    #expect(sequence.lossMask == expected)
  }

  @Test("a turn without tokens is refused, not skipped")
  func missingTokens() {
    var trajectory = TrajectoryTests.sample
    trajectory.turns[0].observation.tokens = nil
    #expect(throws: JSONError.value(reason: "missing token ids", path: "turns[0].observation")) {
      try TokenSequence(trajectory)
    }
    trajectory.turns[0].action.tokens = nil
    #expect(throws: JSONError.value(reason: "missing token ids", path: "turns[0].action")) {
      try TokenSequence(trajectory)
    }
  }

  @Test("appended runs keep the spans tiling the ids", arguments: 0..<20)
  func spansTile(seed: Int) throws {
    var random = RandomStream(seed: seed, purpose: "spans")
    var tokens = EncodedTokens()
    var expected: [Provenance] = []
    for _ in 0..<random.below(12) {
      let provenance = Provenance.allCases[random.below(Provenance.allCases.count)]
      let count = random.below(4)
      tokens.append((0..<count).map { Int32($0) }, provenance: provenance)
      expected += Array(repeating: provenance, count: count)
    }
    #expect(tokens.provenances == expected)
    #expect(try EncodedTokens(ids: tokens.ids, spans: tokens.spans) == tokens)
  }
}

@Suite("Digests")
struct ContentDigestTests {
  @Test("SHA-256 of known texts")
  func known() {
    #expect(
      ContentDigest.of("") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      ContentDigest.of("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("bytes that arrive in pieces give the digest of the whole")
  func pieces() {
    let digest = ContentDigest()
    digest.update("a")
    digest.update("bc")
    #expect(digest.finalized() == ContentDigest.of("abc"))
  }
}
