import AgentCore
import LanguageModel
import Testing

/// Against PyTorch and Hugging Face transformers; see Fixtures/generate.py.
@Suite struct ReferenceTests {
  let threads = ComputeThreads(count: 2)

  private func tinyBatch() throws -> (TrainingBatch, TokenGradients, [JSONValue]) {
    let fixture = try Fixture.json("tiny-scores.json")
    let records = try #require(fixture["sequences"]?.arrayValue)
    let batch = TrainingBatch(
      sequences: try records.map {
        TrainingSequence(tokens: try $0.ints("tokens").map(Int32.init), scored: try $0.ints("scored"))
      }, temperature: Float(try #require(fixture["temperature"]?.doubleValue)))
    let gradients = TokenGradients(
      logprobs: try records.map { try $0.floats("dlogprobs") },
      entropies: try records.map { try $0.floats("dentropies") })
    return (batch, gradients, records)
  }

  // Logits of a 2-layer model with weights of 0.25 reach some tens; Float32 keeps about 1e-6 of that.
  @Test("scores and logits of a tiny model equal PyTorch's in double")
  func tinyScores() throws {
    let model = try Fixture.tinyModel(threads: threads)
    let (batch, _, records) = try tinyBatch()
    let scores = try model.scoreForTraining(batch)
    for (index, record) in records.enumerated() {
      #expect(largestDifference(scores.logprobs[index], try record.floats("logprobs")) < 5e-5)
      #expect(largestDifference(scores.entropies[index], try record.floats("entropies")) < 5e-5)
      let logits = try model.forward([
        ForwardSegment(cache: model.makeCache(), tokens: batch.sequences[index].tokens)
      ])
      #expect(logits.rowCount == 1)
      let row = logits.withRow(0) { Array($0) }
      #expect(largestDifference(row, try record.floats("last_logits")) < 5e-5)
    }
  }

  @Test("gradients of every tensor equal PyTorch's within 1e-4, relative")
  func tinyGradients() throws {
    let model = try Fixture.tinyModel(threads: threads)
    let (batch, gradients, _) = try tinyBatch()
    let expected = ParameterBuffer(like: model.parameters)
    try ModelFile.loadTensors(Fixture.path("tiny-gradients.safetensors"), into: expected)
    _ = try model.scoreForTraining(batch)
    let buffer = ParameterBuffer(like: model.parameters)
    model.accumulateGradients(gradients, into: buffer)
    for tensor in buffer.tensors {
      let found = try #require(buffer.values(of: tensor.name))
      let error = relativeError(found, try #require(expected.values(of: tensor.name)))
      #expect(error < 1e-4, "\(tensor.name): relative error \(error)")
    }
  }

  @Test("AdamW takes the steps that torch.optim.AdamW takes")
  func adamW() throws {
    let fixture = try Fixture.json("adamw.json")
    let parameters = ParameterBuffer(shapes: [("matrix.weight", [3, 7])])
    let gradients = ParameterBuffer(like: parameters)
    parameters.setValues(try fixture.floats("start"), of: "matrix.weight")
    var constants = AdamW.Parameters()
    (constants.beta2, constants.weightDecay) = (0.95, 0.1)
    let optimizer = AdamW(for: parameters, constants: constants, threads: threads)
    for step in try #require(fixture["steps"]?.arrayValue) {
      gradients.setValues(try step.floats("gradient"), of: "matrix.weight")
      optimizer.step(parameters: parameters, gradients: gradients, learningRate: 0.01)
      // A few roundings of values below 3: 1e-6.
      let found = try #require(parameters.values(of: "matrix.weight"))
      #expect(largestDifference(found, try step.floats("parameters")) < 1e-6)
      #expect(relativeError(try #require(optimizer.mean.values(of: "matrix.weight")), try step.floats("mean")) < 1e-6)
      #expect(
        relativeError(try #require(optimizer.variance.values(of: "matrix.weight")), try step.floats("variance")) < 1e-6)
    }
  }

  @Test(
    "SmolLM2 from GGUF gives Hugging Face's logits within 1e-3",
    .enabled(
      if: Fixture.smolLM2 != nil,
      "needs SmolLM2-135M-Instruct.Q4_1.gguf in models/ (scripts/fetch-smollm2) or named by AGENTRL_TEST_MODEL"))
  func smolLM2() throws {
    let loaded = try ModelFile.load(try #require(Fixture.smolLM2))
    let model = Transformer(configuration: loaded.configuration, parameters: loaded.parameters, threads: threads)
    let fixture = try Fixture.json("smollm2.json")
    let tokens = try fixture.ints("tokens").map(Int32.init)
    let logits = try model.forward([ForwardSegment(cache: model.makeCache(), tokens: tokens, logits: .all)])
    for record in try #require(fixture["rows"]?.arrayValue) {
      let row = try #require(record["row"]?.intValue)
      let values = logits.withRow(row) { Array($0) }
      #expect(logits.argmax(row: row) == Int32(try record.ints("top_ids")[0]))
      let top = try record.ints("top_ids").map { values[$0] }
      #expect(largestDifference(top, try record.floats("top_logits")) < 1e-3)
      let spread = try record.ints("ids").map { values[$0] }
      #expect(largestDifference(spread, try record.floats("logits")) < 1e-3)
    }
    let batch = TrainingBatch(sequences: [TrainingSequence(tokens: tokens, scored: Array(1..<tokens.count))])
    let logprobs = try model.score(batch).logprobs[0]
    #expect(largestDifference(logprobs, try fixture.floats("logprobs")) < 1e-3)
    let rollout = (1..<tokens.count).map { logits.logProbability(row: $0 - 1, token: tokens[$0]) }
    #expect(logprobs == rollout)
  }
}
