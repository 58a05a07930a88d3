/// Why a transformer could not compute what it was asked for.
public enum TransformerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A token id outside the vocabulary.
  case tokenOutOfRange(token: Int32, vocabularySize: Int, sequence: Int, position: Int)
  /// A sequence would grow past the model's longest.
  case contextExceeded(length: Int, contextLength: Int, sequence: Int)
  /// Two segments of one call extend the same cache.
  case cacheUsedTwice(sequence: Int)
  /// A cache that another model made.
  case foreignCache(sequence: Int)
  /// A scored position that is not 1 ..< count, or not ascending.
  case invalidScoredPosition(position: Int, sequence: Int, tokens: Int)
  /// A temperature that is not a positive finite number.
  case invalidTemperature(Float)
  /// Sampling parameters out of range.
  case invalidSampling(String)
  /// A row of logits without a finite maximum: the weights have diverged.
  case nonFiniteLogits(row: Int)

  public var description: String {
    switch self {
    case .tokenOutOfRange(let token, let size, let sequence, let position):
      "token \(token) at position \(position) of sequence \(sequence) is outside the vocabulary of \(size); "
        + "check that tokenizer and model belong together"
    case .contextExceeded(let length, let limit, let sequence):
      "sequence \(sequence) would have \(length) tokens, the model's context is \(limit); limit turns or tokens"
    case .cacheUsedTwice(let sequence):
      "segment \(sequence) extends a cache that an earlier segment of the call extends; join the two"
    case .foreignCache(let sequence):
      "segment \(sequence) has a cache of a model of other sizes; make caches with this model"
    case .invalidScoredPosition(let position, let sequence, let tokens):
      "scored position \(position) of sequence \(sequence) is not in 1..<\(tokens) or not ascending"
    case .invalidTemperature(let temperature): "temperature \(temperature) is not a positive finite number"
    case .invalidSampling(let problem): problem
    case .nonFiniteLogits(let row): "row \(row) of the logits is not finite: the weights have diverged"
    }
  }
}
