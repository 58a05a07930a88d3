import AgentCore
import Foundation
import Testing

@testable import LanguageModel

@Suite struct SamplingTests {
  let threads = ComputeThreads(count: 1)

  private func randomRow(_ count: Int, scale: Double, seed: Int) -> [Float] {
    var random = RandomStream(seed: seed, purpose: "logits")
    return (0..<count).map { _ in Float((random.uniform() - 0.5) * scale) }
  }

  private func softmax(_ row: [Float], temperature: Float) -> [Double] {
    let largest = Double(row.max() ?? 0)
    let weights = row.map { exp((Double($0) - largest) / Double(temperature)) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  // Float logits of magnitude 20 carry 1e-6; the sums are in double.
  @Test("log-probabilities and entropies equal a double computation", arguments: [1, 16, 1000, 5003], [0.5, 1, 2.5])
  func scores(count: Int, temperature: Double) {
    let row = randomRow(count, scale: 20, seed: count)
    let logits = Logits(rows: [row], threads: threads)
    let p = softmax(row, temperature: Float(temperature))
    for token in stride(from: 0, to: count, by: max(1, count / 9)) {
      let found = logits.logProbability(row: 0, token: Int32(token), temperature: Float(temperature))
      #expect(abs(Double(found) - log(p[token])) < 1e-5)
    }
    let entropy = -p.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
    #expect(abs(Double(logits.entropy(row: 0, temperature: Float(temperature))) - entropy) < 1e-5)
  }

  @Test("logits of minus infinity have no probability and no effect")
  func impossibleTokens() throws {
    let logits = Logits(rows: [[1, -.infinity, 2, -.infinity]], threads: threads)
    #expect(logits.logProbability(row: 0, token: 1) == -.infinity)
    #expect(abs(logits.entropy(row: 0) - 0.5822031) < 1e-6)
    for index in 0..<100 {
      let id = try logits.sample(row: 0, SamplingParameters(), uniform: Double(index) / 100).id
      #expect(id == 0 || id == 2)
    }
  }

  @Test("draws over a grid of uniform numbers hit every token as often as its probability says")
  func frequencies() throws {
    let row = randomRow(1501, scale: 12, seed: 4)
    let logits = Logits(rows: [row], threads: threads)
    let p = softmax(row, temperature: 0.8)
    let draws = 5_000
    var agree = true
    var counts = [Int](repeating: 0, count: row.count)
    for index in 0..<draws {
      let token = try logits.sample(
        row: 0, SamplingParameters(temperature: 0.8), uniform: (Double(index) + 0.5) / Double(draws))
      counts[Int(token.id)] += 1
      agree =
        agree && token.logprob == token.modelLogprob
        && token.modelLogprob == logits.logProbability(row: 0, token: token.id, temperature: 0.8)
    }
    // Inverse transform on a grid: each count is within one of its expectation, plus float rounding of the sums.
    #expect(agree, "a drawn token's log-probability is what training computes")
    let largest = zip(counts, p).map { abs(Double($0) - $1 * Double(draws)) }.max() ?? 0
    #expect(largest < 1.5)
  }

  @Test("the ends of [0, 1) draw a token that has probability")
  func ends() throws {
    var row = randomRow(2050, scale: 4, seed: 5)
    row[0] = -.infinity
    row[2049] = -.infinity
    let logits = Logits(rows: [row], threads: threads)
    #expect(try logits.sample(row: 0, SamplingParameters(), uniform: 0).id == 1)
    #expect(try logits.sample(row: 0, SamplingParameters(), uniform: 1.0.nextDown).id == 2048)
  }

  @Test("temperature 0 takes the largest logit, the lowest id among equals")
  func greedy() throws {
    let logits = Logits(rows: [[0.5, 3, -1, 3]], threads: threads)
    let token = try logits.sample(row: 0, .greedy, uniform: 0.9)
    #expect(token.id == 1)
    #expect(token.logprob == 0)
    #expect(token.modelLogprob == logits.logProbability(row: 0, token: 1))
  }

  /// Tokens kept by the truncations, straight from their definitions.
  private func keep(_ p: [Double], _ parameters: SamplingParameters) -> [Int] {
    var order = p.indices.sorted { p[$0] != p[$1] ? p[$0] > p[$1] : $0 < $1 }
    if let k = parameters.topK { order = Array(order.prefix(k)) }
    if let topP = parameters.topP, topP < 1 {
      let total = order.reduce(0) { $0 + p[$1] }
      var sum = 0.0
      let end = order.firstIndex { index in
        sum += p[index]
        return sum >= Double(topP) * total
      }
      order = Array(order.prefix((end ?? order.count - 1) + 1))
    }
    if let minP = parameters.minP { order = order.filter { p[$0] >= Double(minP) * p[order[0]] } }
    return order
  }

  @Test(
    "truncations keep what their definitions keep and give its renormalised probability",
    arguments: [
      SamplingParameters(topK: 1), SamplingParameters(topK: 40), SamplingParameters(topP: 0.9),
      SamplingParameters(temperature: 1.5, topP: 0.999), SamplingParameters(minP: 0.05),
      SamplingParameters(temperature: 0.7, topK: 100, topP: 0.8), SamplingParameters(topK: 5, topP: 0.5, minP: 0.5),
      SamplingParameters(topK: 100_000), SamplingParameters(temperature: 4, topP: 0.99999),
      SamplingParameters(topP: 0.95, minP: 0.3),
    ], [3.0, 30.0])
  func truncations(parameters: SamplingParameters, scale: Double) throws {
    let row = randomRow(1100, scale: scale, seed: 6)
    let logits = Logits(rows: [row], threads: threads)
    let p = softmax(row, temperature: parameters.temperature)
    let kept = keep(p, parameters)
    let total = kept.reduce(0) { $0 + p[$1] }
    for index in 0..<40 {
      let token = try logits.sample(row: 0, parameters, uniform: (Double(index) + 0.5) / 40)
      #expect(kept.contains(Int(token.id)))
      #expect(abs(Double(token.logprob) - log(p[Int(token.id)] / total)) < 1e-4)
      #expect(abs(Double(token.modelLogprob) - log(p[Int(token.id)])) < 1e-5)
    }
    #expect(try logits.sample(row: 0, parameters, uniform: 0).id == Int32(kept[0]))
    #expect(try logits.sample(row: 0, parameters, uniform: 1.0.nextDown).id == Int32(kept[kept.count - 1]))
  }

  @Test("bad parameters and diverged logits are errors")
  func errors() {
    let logits = Logits(rows: [[1, 2], [.nan, .nan], [.infinity, 1]], threads: threads)
    #expect(throws: TransformerError.invalidTemperature(-1)) {
      try logits.sample(row: 0, SamplingParameters(temperature: -1), uniform: 0)
    }
    for bad in [SamplingParameters(topK: 0), SamplingParameters(topP: 0), SamplingParameters(minP: 1.5)] {
      #expect(throws: TransformerError.self) { try logits.sample(row: 0, bad, uniform: 0) }
    }
    for row in [1, 2] {
      for good in [SamplingParameters(), SamplingParameters(topP: 0.5)] {
        #expect(throws: TransformerError.nonFiniteLogits(row: row)) { try logits.sample(row: row, good, uniform: 0.5) }
      }
    }
    #expect(throws: TransformerError.nonFiniteLogits(row: 1)) { try logits.sample(row: 1, .greedy, uniform: 0) }
    #expect(logits.argmax(row: 1) == nil)
  }
}
