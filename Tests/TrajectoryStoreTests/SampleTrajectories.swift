import AgentCore

/// Random but valid trajectories: every field present and absent, odd characters, numbers of every kind.
struct SampleTrajectories {
  var random: RandomStream

  init(seed: Int) {
    random = RandomStream(seed: seed, purpose: "sample trajectories")
  }

  mutating func next(id: String, turns count: Int? = nil, finished: Bool? = nil) -> Trajectory {
    let count = count ?? random.below(4)
    return Trajectory(
      id: id, groupID: flip() ? "group \(random.below(3))" : nil,
      environment: EnvironmentReference(name: "calculator", version: "1.0.0", options: flip() ? ["digits": 2] : [:]),
      task: EnvironmentTask(
        id: text(), split: Split.allCases[random.below(3)], category: text(), difficulty: random.uniform(),
        payload: ["question": .string(text()), "x": value(depth: 3)]),
      seed: Int(Int64(bitPattern: random.next())),
      policy: flip()
        ? PolicyDescription(
          name: text(), version: random.below(100), digest: text(), sampling: ["temperature": number()])
        : nil,
      messages: (0..<random.below(3)).map { _ in message() }, prompt: flip() ? tokens() : nil,
      turns: (0..<count).map { turn($0) }, outcome: finished ?? flip() ? outcome() : nil)
  }

  mutating func turn(_ index: Int) -> Turn {
    let ids = (0..<random.below(5)).map { _ in Int32(random.below(50_000)) }
    return Turn(
      index: index, stateKey: flip() ? "sha256:\(random.next())" : nil, progress: flip() ? random.uniform() : nil,
      action: Action(
        text: text(), toolCalls: (0..<random.below(3)).map { _ in call() },
        malformedCalls: (0..<random.below(2)).map { _ in MalformedCall(text: text(), reason: text()) },
        tokens: flip() ? PolicyTokens(ids: ids, logprobs: ids.map { _ in -Float(random.uniform()) * 10 }) : nil,
        finish: flip() ? .stop : .length),
      observation: Observation(messages: (0..<random.below(3)).map { _ in message() }, tokens: flip() ? tokens() : nil),
      toolResults: (0..<random.below(3)).map { _ in
        ToolResult(
          id: text(), status: ToolStatus.allCases[random.below(4)], content: text(),
          duration: .microseconds(random.below(1_000_000)))
      },
      reward: random.uniform() - 0.5, rewardComponents: flip() ? ["a": 0.1 + 0.2, "b": -1e-300] : [:],
      isMasked: flip(), startedAt: "2026-01-31T09:05:00.250Z", duration: .microseconds(random.below(1_000_000)))
  }

  mutating func outcome() -> Outcome {
    Outcome(
      reward: random.uniform(), rewardComponents: ["answer": random.uniform()], isSuccess: flip(),
      termination: Termination.allCases[random.below(Termination.allCases.count)])
  }

  mutating func tokens() -> EncodedTokens {
    var tokens = EncodedTokens()
    for _ in 0..<random.below(4) {
      let provenance = Provenance.allCases[random.below(Provenance.allCases.count)]
      tokens.append((0...random.below(4)).map { _ in Int32(random.below(50_000)) }, provenance: provenance)
    }
    return tokens
  }

  private mutating func message() -> Message {
    Message(
      role: Role.allCases[random.below(4)], content: text(), name: flip() ? text() : nil,
      toolCalls: (0..<random.below(2)).map { _ in call() }, toolCallID: flip() ? text() : nil)
  }

  private mutating func call() -> ToolCall { ToolCall(id: text(), name: text(), arguments: value(depth: 2)) }

  private mutating func value(depth: Int) -> JSONValue {
    switch random.below(depth > 0 ? 7 : 5) {
    case 0: .bool(flip())
    case 1: .int(Int64(bitPattern: random.next()))
    case 2: number()
    case 3, 4: .string(text())
    case 5: .array((0..<random.below(3)).map { _ in value(depth: depth - 1) })
    default: .object(["k": value(depth: depth - 1), "a": value(depth: depth - 1)])
    }
  }

  private mutating func number() -> JSONValue { .double((random.uniform() - 0.5) * 1e6) }

  private mutating func flip() -> Bool { random.below(2) == 0 }

  private mutating func text() -> String {
    let letters = Array("abc 0\"\\\n\t\u{1}é漢🙂{}")
    return String((0..<random.below(8)).map { _ in letters[random.below(letters.count)] })
  }
}
