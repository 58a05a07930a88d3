import AgentCore
import LanguageModel
import Testing

/// One kernel, one number: bits depend on the tokens before and the weights, on nothing else.
@Suite struct BitEqualityTests {
  private func model(_ threads: ComputeThreads, seed: Int = 5) -> Transformer {
    Transformer.randomlyInitialized(.awkward, seed: seed, threads: threads, standardDeviation: 0.2)
  }

  private func tokens(_ count: Int, _ random: inout RandomStream) -> [Int32] {
    (0..<count).map { _ in Int32(random.below(TransformerConfiguration.awkward.vocabularySize)) }
  }

  /// Log-probabilities of tokens 1… of each sequence, computed as a rollout does: all sequences step together in
  /// chunks of random length, some as forks of a shared prompt.
  private func rollOut(
    _ model: Transformer, _ sequences: [[Int32]], sharedPrompt: Int, temperature: Float, _ random: inout RandomStream
  ) throws -> [[Float]] {
    let prompt = model.makeCache()
    let promptLogits = try model.forward([
      ForwardSegment(cache: prompt, tokens: Array(sequences[0].prefix(sharedPrompt)), logits: .all)
    ])
    var logprobs = sequences.map { sequence in
      (1..<sharedPrompt).map { promptLogits.logProbability(row: $0 - 1, token: sequence[$0], temperature: temperature) }
    }
    for (index, sequence) in sequences.enumerated() {
      logprobs[index].append(
        promptLogits.logProbability(row: sharedPrompt - 1, token: sequence[sharedPrompt], temperature: temperature))
    }
    let caches = sequences.map { _ in prompt.fork() }
    while true {
      var segments: [(index: Int, segment: ForwardSegment)] = []
      for (index, sequence) in sequences.enumerated() where caches[index].length < sequence.count - 1 {
        if random.below(4) == 0 { continue }
        let first = caches[index].length
        let end = min(sequence.count - 1, first + 1 + (random.below(3) == 0 ? random.below(40) : 0))
        segments.append((index, ForwardSegment(cache: caches[index], tokens: Array(sequence[first..<end]), logits: .all)))
      }
      if zip(caches, sequences).allSatisfy({ $0.length >= $1.count - 1 }) { return logprobs }
      random.shuffle(&segments)
      let starts = segments.map { $0.segment.cache.length }
      let logits = try model.forward(segments.map(\.segment))
      var row = 0
      for ((index, segment), start) in zip(segments, starts) {
        for offset in segment.tokens.indices {
          let next = sequences[index][start + offset + 1]
          logprobs[index].append(logits.logProbability(row: row, token: next, temperature: temperature))
          row += 1
        }
      }
    }
  }

  @Test("log-probabilities of rollout and training are equal to the bit", arguments: 0..<12)
  func rolloutEqualsTraining(seed: Int) throws {
    var random = RandomStream(seed: seed, purpose: "bit equality")
    let model = model(ComputeThreads(count: 1 + seed % 2), seed: seed)
    let prompt = tokens(2 + random.below(70), &random)
    let sequences = (0..<5).map { _ in prompt + tokens(1 + random.below(90), &random) }
    let temperature: Float = [1, 0.7, 1.3][seed % 3]
    let rollout = try rollOut(
      model, sequences, sharedPrompt: prompt.count, temperature: temperature, &random)
    let batch = TrainingBatch(
      sequences: sequences.map { TrainingSequence(tokens: $0, scored: Array(1..<$0.count)) }, temperature: temperature)
    #expect(try model.scoreForTraining(batch).logprobs == rollout, "seed \(seed)")
    #expect(try model.score(batch).logprobs == rollout, "seed \(seed)")
    // Alone, no sequence borrows rows of another.
    for (index, sequence) in batch.sequences.enumerated() {
      let alone = try model.score(TrainingBatch(sequences: [sequence], temperature: temperature))
      #expect(alone.logprobs[0] == rollout[index], "seed \(seed), sequence \(index)")
    }
  }

  /// Scores and all gradients of a batch with shared beginnings, and a step of AdamW on them.
  private func train(_ threads: ComputeThreads) throws -> (TokenScores, gradients: String, weights: String, norm: Double) {
    var random = RandomStream(seed: 3, purpose: "training")
    let model = model(threads)
    let prompt = tokens(37, &random)
    let sequences = [prompt + tokens(30, &random), tokens(65, &random), prompt + tokens(11, &random), prompt]
    let batch = TrainingBatch(sequences: sequences.map { TrainingSequence(tokens: $0, scored: Array(1..<$0.count)) })
    let scores = try model.scoreForTraining(batch)
    let gradients = ParameterBuffer(like: model.parameters)
    let draw = { scores.logprobs.map { $0.map { _ in Float(random.uniform() - 0.5) } } }
    model.accumulateGradients(TokenGradients(logprobs: draw(), entropies: draw()), into: gradients)
    let norm = gradients.globalNorm(threads: threads)
    AdamW(for: model.parameters, threads: threads).step(
      parameters: model.parameters, gradients: gradients, learningRate: 1e-2, gradientScale: 0.5)
    return (scores, gradients.digest, model.parameters.digest, norm)
  }

  @Test("scores, gradients and updates do not depend on threads or instruction set")
  func trainingIsReproducible() throws {
    let expected = try train(ComputeThreads(count: 1, instructionSet: .portable))
    for instructionSet in ComputeThreads.InstructionSet.allCases where instructionSet <= .best {
      for count in [1, 2, 5] {
        let found = try train(ComputeThreads(count: count, instructionSet: instructionSet))
        #expect(found == expected, "\(count) threads, \(instructionSet)")
      }
    }
  }

  @Test("a batch scored twice after other work gives the same bits")
  func memoryIsNotCarriedOver() throws {
    var random = RandomStream(seed: 9, purpose: "reuse")
    let model = model(ComputeThreads(count: 2))
    let long = TrainingBatch(sequences: [TrainingSequence(tokens: tokens(120, &random), scored: [5, 119])])
    let short = TrainingBatch(sequences: [TrainingSequence(tokens: tokens(20, &random), scored: [1, 19])])
    let first = try model.scoreForTraining(short)
    _ = try model.scoreForTraining(long)
    #expect(try model.scoreForTraining(short) == first)
  }
}
