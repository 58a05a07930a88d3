import AgentCore
import LanguageModel
import Testing

/// Gradients against the function itself.
@Suite struct GradientTests {
  let threads = ComputeThreads(count: 1)
  static let configuration = TransformerConfiguration(
    vocabularySize: 13, width: 12, layers: 2, heads: 4, keyValueHeads: 2, headWidth: 6, feedForwardWidth: 14,
    contextLength: 64, tiedEmbeddings: true)

  private func batch(_ random: inout RandomStream) -> TrainingBatch {
    let prompt = (0..<6).map { _ in Int32(random.below(13)) }
    let sequences = (0..<3).map { _ in prompt + (0..<5).map { _ in Int32(random.below(13)) } }
    return TrainingBatch(
      sequences: sequences.map { TrainingSequence(tokens: $0, scored: [3, 6, 7, 9, 10]) }, temperature: 0.8)
  }

  // Central differences in Float32: with step h, truncation ~ h² and rounding ~ 1e-7 · |loss| / h. With h = 1e-2,
  // |loss| ~ 10 and third derivatives of order 10 the difference stays below 3e-3 of the gradient's norm.
  @Test("directional derivatives agree with finite differences, tied embeddings and shared prompts included")
  func finiteDifferences() throws {
    var random = RandomStream(seed: 1, purpose: "finite differences")
    let model = Transformer.randomlyInitialized(Self.configuration, seed: 2, threads: threads, standardDeviation: 0.3)
    let batch = batch(&random)
    let weights = batch.sequences.map { $0.scored.map { _ in Float(random.uniform() * 2 - 1) } }
    let entropyWeights = batch.sequences.map { $0.scored.map { _ in Float(random.uniform() - 0.5) } }
    func loss() throws -> Double {
      let scores = try model.scoreForTraining(batch)
      var sum = 0.0
      for (values, factors) in zip(scores.logprobs + scores.entropies, weights + entropyWeights) {
        for (value, factor) in zip(values, factors) { sum += Double(value) * Double(factor) }
      }
      return sum
    }
    _ = try loss()
    let gradients = ParameterBuffer(like: model.parameters)
    model.accumulateGradients(TokenGradients(logprobs: weights, entropies: entropyWeights), into: gradients)

    for tensor in model.parameters.tensors {
      let values = try #require(model.parameters.values(of: tensor.name))
      let gradient = try #require(gradients.values(of: tensor.name))
      let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Along the gradient the derivative is its norm; along a random direction, their inner product.
      let directions = [gradient.map { Double($0) / norm }, unitVector(tensor.count, &random)]
      for direction in directions {
        let step = 1e-2
        func lossAt(_ distance: Double) throws -> Double {
          model.parameters.setValues(zip(values, direction).map { $0 + Float(distance * $1) }, of: tensor.name)
          model.parametersChanged()
          return try loss()
        }
        let measured = (try lossAt(step) - lossAt(-step)) / (2 * step)
        let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * $1.1 }
        #expect(abs(measured - expected) < 3e-3 * max(1, norm), "\(tensor.name): \(measured), not \(expected)")
      }
      model.parameters.setValues(values, of: tensor.name)
    }
  }

  private func unitVector(_ count: Int, _ random: inout RandomStream) -> [Double] {
    let values = (0..<count).map { _ in random.uniform() - 0.5 }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { $0 / norm }
  }

  @Test("a sequence without scored tokens gets no gradient")
  func unscoredSequences() throws {
    let model = Transformer.randomlyInitialized(Self.configuration, seed: 2, threads: threads)
    let batch = TrainingBatch(sequences: [TrainingSequence(tokens: [1, 2, 3], scored: [])])
    #expect(try model.scoreForTraining(batch).logprobs == [[]])
    let gradients = ParameterBuffer(like: model.parameters)
    model.accumulateGradients(TokenGradients(logprobs: [[]]), into: gradients)
    #expect(gradients.globalNorm(threads: threads) == 0)
  }

  @Test("gradients add up over batches, and two batches give what one joint batch gives")
  func accumulation() throws {
    var random = RandomStream(seed: 4, purpose: "accumulation")
    let model = Transformer.randomlyInitialized(Self.configuration, seed: 2, threads: threads, standardDeviation: 0.3)
    let joint = batch(&random)
    let ones = joint.sequences.map { $0.scored.map { _ in Float(1) } }
    func gradients(_ batches: [TrainingBatch]) throws -> ParameterBuffer {
      let buffer = ParameterBuffer(like: model.parameters)
      for batch in batches {
        _ = try model.scoreForTraining(batch)
        model.accumulateGradients(
          TokenGradients(logprobs: batch.sequences.map { $0.scored.map { _ in 1 } }), into: buffer)
      }
      return buffer
    }
    #expect(ones.count == 3)
    let once = try gradients([joint])
    let apart = try gradients(
      joint.sequences.map { TrainingBatch(sequences: [$0], temperature: joint.temperature) })
    for tensor in once.tensors {
      let (a, b) = (try #require(apart.values(of: tensor.name)), try #require(once.values(of: tensor.name)))
      #expect(relativeError(a, b) < 1e-5, "\(tensor.name)")
    }
  }

  @Test("training memory that was given back is taken again, with the same result")
  func releasedMemory() throws {
    var random = RandomStream(seed: 6, purpose: "release")
    let model = Transformer.randomlyInitialized(Self.configuration, seed: 2, threads: threads)
    let batch = batch(&random)
    #expect(batch.rowCount == 6 + 3 * 4)
    let first = try model.scoreForTraining(batch)
    model.releaseTrainingMemory()
    #expect(try model.scoreForTraining(batch) == first)
  }

  @Test("a gradient that is not finite shows in the norm")
  func nonFiniteGradients() {
    let buffer = ParameterBuffer(configuration: Self.configuration)
    #expect(buffer.globalNorm(threads: threads) == 0)
    for bad in [Float.nan, .infinity] {
      var values = [Float](repeating: 0, count: 12)
      values[7] = bad
      buffer.setValues(values, of: "model.norm.weight")
      #expect(!buffer.globalNorm(threads: threads).isFinite)
    }
    #expect(ParameterBuffer.clippingFactor(norm: 4, limit: 1) == 0.25)
    #expect(ParameterBuffer.clippingFactor(norm: 0.5, limit: 1) == 1)
  }
}
