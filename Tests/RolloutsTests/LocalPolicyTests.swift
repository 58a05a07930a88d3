import AgentCore
import Testing

@testable import Rollouts

@Suite struct LocalPolicyTests {
  /// A request in terms of prompt and settings, as it can be put to any engine.
  private struct Ask: Sendable {
    var prompt: [Int32]
    var sampling = SamplingSettings()
    var maxTokens = 20
    var stops: Set<Int32> = []
    var seed = 1

    func request(_ sequence: SequenceHandle, appending: [Int32] = []) -> GenerationRequest {
      GenerationRequest(
        sequence: sequence, appending: appending, sampling: sampling, maxTokens: maxTokens, stopTokenIDs: stops,
        random: RandomStream(seed: seed, purpose: "test"))
    }
  }

  /// Prompts of many lengths with a common beginning, and every kind of sampling.
  private static let asks: [Ask] = (0..<20).map { index in
    let samplings = [
      SamplingSettings(), SamplingSettings(temperature: 0.7), SamplingSettings(temperature: 0),
      SamplingSettings(topK: 5), SamplingSettings(temperature: 1.3, topP: 0.8, minP: 0.01),
    ]
    return Ask(
      prompt: SmallPolicy.prompt(40) + SmallPolicy.prompt(1 + 17 * index, seed: index + 2),
      sampling: samplings[index % samplings.count], maxTokens: 3 + index, stops: [Int32(7 * index)], seed: index)
  }

  private func answer(_ ask: Ask, by engine: LocalPolicy) async throws -> Generation {
    let sequence = try await engine.open(prompt: ask.prompt)
    let generation = try await engine.generate(ask.request(sequence))
    await engine.release(sequence)
    return generation
  }

  @Test("a result depends neither on who else is served nor on the thread count", arguments: [1, 2])
  func batchInvariance(threads: Int) async throws {
    let alone = try SmallPolicy.make(threads: 1).engine
    var expected: [Generation] = []
    for ask in Self.asks { expected.append(try await answer(ask, by: alone)) }
    #expect(Set(expected.map(\.ids)).count == Self.asks.count)

    let engine = try SmallPolicy.make(threads: threads).engine
    let together = try await withThrowingTaskGroup(of: (Int, Generation).self) { tasks in
      for (index, ask) in Self.asks.enumerated() { tasks.addTask { (index, try await answer(ask, by: engine)) } }
      var results: [Int: Generation] = [:]
      for try await (index, generation) in tasks { results[index] = generation }
      return results
    }
    for index in Self.asks.indices { #expect(together[index] == expected[index], "request \(index)") }
  }

  @Test("a fork of a prefilled beginning answers as a sequence of its own")
  func fork() async throws {
    let engine = try SmallPolicy.make().engine
    let root = try await engine.open(prompt: SmallPolicy.prompt(40))
    try await engine.prefill(root)
    for ask in Self.asks {
      let rest = Array(ask.prompt.dropFirst(40))
      let member = try await engine.fork(root)
      let forked = try await engine.generate(ask.request(member, appending: rest))
      let own = try await answer(ask, by: engine)
      #expect(forked == own)
      #expect(try await engine.tokens(of: member) == ask.prompt + own.ids)
      await engine.release(member)
    }
    #expect(try await engine.tokens(of: root) == SmallPolicy.prompt(40))
  }

  @Test("recorded log-probabilities are those of scoring the sequence, bit for bit")
  func scoring() async throws {
    let engine = try SmallPolicy.make(threads: 2).engine
    let sequence = try await engine.open(prompt: SmallPolicy.prompt(30))
    var recorded: [Int: Float] = [:]
    for turn in 0..<4 {
      let observation = turn == 0 ? [] : SmallPolicy.prompt(9 * turn, seed: turn)
      let start = try await engine.tokens(of: sequence).count + observation.count
      let generation = try await engine.generate(
        Ask(prompt: [], maxTokens: 15, seed: turn).request(sequence, appending: observation))
      for (offset, logprob) in generation.logprobs.enumerated() { recorded[start + offset] = logprob }
    }
    let ids = try await engine.tokens(of: sequence)
    let scored = try await engine.logprobs(of: ids)
    #expect(scored.count == ids.count - 1)
    #expect(recorded.count == 60)
    for (place, logprob) in recorded { #expect(scored[place - 1].bitPattern == logprob.bitPattern) }
  }

  @Test("log-probabilities of nothing and of one token are empty")
  func scoringLittle() async throws {
    let engine = try SmallPolicy.make().engine
    #expect(try await engine.logprobs(of: []).isEmpty)
    #expect(try await engine.logprobs(of: [5]).isEmpty)
  }

  @Test("temperature 0 takes the most likely token, whatever the randomness")
  func greedy() async throws {
    let engine = try SmallPolicy.make(contextLength: 64).engine
    let vocabulary = Int32(engine.configuration.vocabularySize)
    let prompt = SmallPolicy.prompt(12)
    var ask = Ask(prompt: prompt, sampling: SamplingSettings(temperature: 0), maxTokens: 1)
    let generation = try await answer(ask, by: engine)
    ask.seed = 99
    #expect(try await answer(ask, by: engine) == generation)
    var best: (id: Int32, logprob: Float) = (-1, -.infinity)
    for id in 0..<vocabulary {
      let logprob = try #require(try await engine.logprobs(of: prompt + [id]).last)
      if logprob > best.logprob { best = (id, logprob) }
    }
    #expect(generation.ids == [best.id])
    #expect(generation.logprobs == [best.logprob])
  }

  @Test("a turn ends with the first stop id, which is part of it")
  func stop() async throws {
    let engine = try SmallPolicy.make().engine
    var ask = Ask(prompt: SmallPolicy.prompt(10), maxTokens: 30)
    let free = try await answer(ask, by: engine)
    #expect(free.finish == .length)
    #expect(free.ids.count == 30)
    let place = try #require(free.ids.firstIndex(of: free.ids[12]))
    ask.stops = [free.ids[12]]
    let stopped = try await answer(ask, by: engine)
    #expect(stopped.finish == .stop)
    #expect(stopped.ids == Array(free.ids[...place]))
    #expect(stopped.logprobs == Array(free.logprobs[...place]))
    // A stop id that is also the last token allowed has stopped.
    ask.maxTokens = place + 1
    #expect(try await answer(ask, by: engine).finish == .stop)
  }

  @Test("a sequence ends at the policy's context")
  func context() async throws {
    let engine = try SmallPolicy.make(contextLength: 64).engine
    let sequence = try await engine.open(prompt: SmallPolicy.prompt(60))
    let ask = Ask(prompt: [])
    let last = try await engine.generate(ask.request(sequence))
    #expect(last.ids.count == 4)
    #expect(last.finish == .length)
    await #expect(throws: PolicyEngineError.contextExceeded(tokens: 65, limit: 64)) {
      try await engine.generate(ask.request(sequence))
    }
  }

  @Test("refused requests leave the engine as it was")
  func errors() async throws {
    let engine = try SmallPolicy.make(contextLength: 64).engine
    let vocabulary = engine.configuration.vocabularySize
    let ask = Ask(prompt: SmallPolicy.prompt(20))
    let expected = try await answer(ask, by: engine)
    let sequence = try await engine.open(prompt: ask.prompt)
    let released = try await engine.fork(sequence)
    await engine.release(released)

    await #expect(throws: PolicyEngineError.emptyPrompt) { try await engine.open(prompt: []) }
    await #expect(throws: PolicyEngineError.contextExceeded(tokens: 65, limit: 64)) {
      try await engine.open(prompt: SmallPolicy.prompt(65))
    }
    for id in [-1, Int32(vocabulary), .max] {
      let error = PolicyEngineError.tokenOutOfRange(id, vocabulary: vocabulary)
      await #expect(throws: error) { try await engine.open(prompt: [1, id]) }
      await #expect(throws: error) { try await engine.logprobs(of: [1, id]) }
      await #expect(throws: error) { try await engine.generate(ask.request(sequence, appending: [id])) }
    }
    await #expect(throws: PolicyEngineError.contextExceeded(tokens: 65, limit: 64)) {
      try await engine.generate(ask.request(sequence, appending: SmallPolicy.prompt(45)))
    }
    await #expect(throws: PolicyEngineError.nothingToSample(maxTokens: 0)) {
      var nothing = ask.request(sequence)
      nothing.maxTokens = 0
      _ = try await engine.generate(nothing)
    }
    await #expect(throws: PolicyEngineError.unknownSequence) { try await engine.generate(ask.request(released)) }
    await #expect(throws: PolicyEngineError.unknownSequence) { try await engine.prefill(released) }
    await #expect(throws: PolicyEngineError.unknownSequence) { try await engine.fork(released) }
    await #expect(throws: PolicyEngineError.unknownSequence) { try await engine.tokens(of: released) }

    #expect(try await engine.tokens(of: sequence) == ask.prompt)
    #expect(try await engine.generate(ask.request(sequence)) == expected)
  }

  @Test("one sequence is continued by one request at a time")
  func busy() async throws {
    let engine = try SmallPolicy.make(contextLength: 512).engine
    let sequence = try await engine.open(prompt: SmallPolicy.prompt(20))
    let ask = Ask(prompt: [], maxTokens: 200)
    let outcomes = await withTaskGroup(of: Result<Generation, any Error>.self) { tasks in
      for _ in 0..<2 {
        tasks.addTask {
          do { return .success(try await engine.generate(ask.request(sequence))) } catch { return .failure(error) }
        }
      }
      return await tasks.reduce(into: []) { $0.append($1) }
    }
    let answered = outcomes.compactMap { try? $0.get() }
    let refused = outcomes.compactMap { result -> PolicyEngineError? in
      if case .failure(let error) = result { return error as? PolicyEngineError }
      return nil
    }
    // The second may come when the first is through; then both are answered, one after the other.
    #expect(answered.count + refused.count == 2)
    #expect(refused.allSatisfy { $0 == .sequenceBusy })
    let written = answered.reduce(0) { $0 + $1.ids.count }
    #expect(try await engine.tokens(of: sequence).count == 20 + written)
  }

  @Test("a prompt longer than one pass is read in chunks to the same bits")
  func longPrompt() async throws {
    let count = LocalPolicy.passTokens + LocalPolicy.prefillChunk + 13
    let prompt = SmallPolicy.prompt(count)
    let ask = Ask(prompt: prompt, maxTokens: 5)
    let short = Ask(prompt: SmallPolicy.prompt(3, seed: 9), maxTokens: 12)
    let engine = try SmallPolicy.make(threads: 2, contextLength: count + 20).engine
    async let both = (answer(ask, by: engine), answer(short, by: engine))
    let (long, other) = try await both
    let fresh = try SmallPolicy.make(contextLength: count + 20).engine
    let read = try await fresh.open(prompt: prompt)
    try await fresh.prefill(read)
    #expect(try await fresh.generate(ask.request(read)) == long)
    #expect(try await answer(short, by: fresh) == other)
    let scored = try await fresh.logprobs(of: prompt + long.ids)
    #expect(Array(scored.suffix(5)) == long.logprobs)
  }

  @Test("weights that are not numbers are an error, and the engine lives on")
  func notFinite() async throws {
    let engine = try SmallPolicy.make().engine
    let ask = Ask(prompt: SmallPolicy.prompt(20))
    let expected = try await answer(ask, by: engine)
    let editor = WeightEditor(engine)
    let name = "model.norm.weight"
    let value = try #require(await editor.firstValue(of: name))
    await editor.set(name, to: .nan)
    await #expect(throws: PolicyEngineError.notFinite(sequenceLength: 20)) { try await answer(ask, by: engine) }
    await editor.set(name, to: value)
    #expect(try await answer(ask, by: engine) == expected)
  }

  @Test("settings that describe no distribution are refused by name, not blamed on the weights")
  func badSettings() async throws {
    let engine = try SmallPolicy.make().engine
    for sampling in [SamplingSettings(temperature: -1), SamplingSettings(temperature: .nan), SamplingSettings(topP: 0)]
    {
      await #expect {
        try await answer(Ask(prompt: [1], sampling: sampling), by: engine)
      } throws: { !($0 is PolicyEngineError) }
    }
  }
}
