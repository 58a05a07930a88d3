/// One sequence to score: a whole trajectory's tokens, and which of them count.
public struct TrainingSequence: Sendable {
  /// Token ids from the start of the sequence.
  public var tokens: [Int32]
  /// Positions i >= 1, ascending, whose token is predicted from the tokens before it.
  public var scored: [Int]

  public init(tokens: [Int32], scored: [Int]) {
    self.tokens = tokens
    self.scored = scored
  }
}

/// Sequences that are scored together. They are packed without padding, and a beginning that several of them share is
/// computed once: the members of a group cost their prompt one time, whatever order they come in.
public struct TrainingBatch: Sendable {
  public var sequences: [TrainingSequence]
  /// Divides the logits, as at sampling.
  public var temperature: Float

  public init(sequences: [TrainingSequence], temperature: Float = 1) {
    self.sequences = sequences
    self.temperature = temperature
  }

  /// Rows that are computed: tokens up to the last scored one, shared beginnings counted once.
  public var rowCount: Int { PackedRows(self).tokens.count }
}

/// Per sequence and scored position, in their order.
public struct TokenScores: Sendable, Equatable {
  /// log softmax(logits / temperature)[token].
  public var logprobs: [[Float]]
  /// Entropy of softmax(logits / temperature), in nats.
  public var entropies: [[Float]]
}

/// Gradient of the loss at the scores, in the same arrangement.
public struct TokenGradients: Sendable {
  /// dLoss / dlogprob.
  public var logprobs: [[Float]]
  /// dLoss / dentropy; nil means zero.
  public var entropies: [[Float]]?

  public init(logprobs: [[Float]], entropies: [[Float]]? = nil) {
    self.logprobs = logprobs
    self.entropies = entropies
  }
}
