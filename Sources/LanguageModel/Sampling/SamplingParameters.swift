/// How a token is drawn: temperature first, then the truncations in the order top-k, top-p, min-p.
public struct SamplingParameters: Sendable, Equatable {
  /// Divides the logits; 0 takes the most likely token.
  public var temperature: Float
  /// Keeps the k most likely tokens; nil keeps all.
  public var topK: Int?
  /// Keeps the fewest most likely tokens whose probabilities reach p, in (0, 1]; nil keeps all
  /// (Holtzman et al. 2020, arXiv 1904.09751).
  public var topP: Float?
  /// Keeps tokens at least this likely relative to the most likely one, in [0, 1]; nil keeps all
  /// (Nguyen et al. 2024, arXiv 2407.01082).
  public var minP: Float?

  public init(temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, minP: Float? = nil) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
  }

  /// The most likely token, always.
  public static let greedy = SamplingParameters(temperature: 0)

  /// True if every token of the vocabulary can be drawn.
  public var isUntruncated: Bool { topK == nil && (topP ?? 1) >= 1 && (minP ?? 0) <= 0 }

  func check() throws(TransformerError) {
    guard temperature.isFinite, temperature >= 0 else { throw .invalidTemperature(temperature) }
    if let topK, topK < 1 { throw .invalidSampling("top-k is \(topK), not at least 1") }
    if let topP, !(topP > 0 && topP <= 1) { throw .invalidSampling("top-p is \(topP), not in (0, 1]") }
    if let minP, !(minP >= 0 && minP <= 1) { throw .invalidSampling("min-p is \(minP), not in [0, 1]") }
  }
}

/// A drawn token.
public struct SampledToken: Sendable, Equatable {
  public let id: Int32
  /// Log-probability under the distribution really drawn from, after truncation; 0 for a greedy choice.
  public let logprob: Float
  /// Log-probability under softmax(logits / temperature) over the whole vocabulary (temperature 1 for a greedy choice):
  /// what training computes for the same token.
  public let modelLogprob: Float
}
