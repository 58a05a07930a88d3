import CKernels

/// Activations of a block that the backward pass cannot recompute cheaply; T rows each.
final class LayerActivations {
  /// The residual stream before the block (T, D).
  let input = ScratchBuffer()
  /// Rotated queries and keys, and values (T, Q + 2 KV).
  let qkv = ScratchBuffer()
  /// Attention's output before its projection (T, Q).
  let attended = ScratchBuffer()
  /// The residual stream between attention and feed-forward (T, D).
  let middle = ScratchBuffer()
  /// Gate and up projections (T, 2F).
  let gateUp = ScratchBuffer()
}

/// What the last scored batch left behind for the backward pass.
struct ScoredBatch {
  let rows: PackedRows
  let temperature: Float
  /// Scores of the scored tokens, sequence after sequence.
  let scores: [ck_score]
  /// Scored positions of each sequence.
  let counts: [Int]
}

/// Memory of training, kept from one batch to the next.
final class TrainingMemory {
  var layers: [LayerActivations] = []
  /// Set by a scoring pass that kept its activations; cleared when they or the weights change.
  var scored: ScoredBatch?
  /// Final residual rows that predict scored tokens, before and after the last norm (S, D).
  let finalRows = ScratchBuffer()
  let finalNormalized = ScratchBuffer()
  /// Logits of some rows at a time, so that scored tokens times vocabulary never exists.
  let logits = ScratchBuffer()
  /// Rows of logits held at once.
  static let logitRows = 256

  let pages = ScratchBuffer()
  let attention = ScratchBuffer()
  let normalized = ScratchBuffer()
  let activated = ScratchBuffer()

  // Backward only.
  let packed = ScratchBuffer()
  let packedWeights = ScratchBuffer()
  let stream = ScratchBuffer()
  let dscored = ScratchBuffer()
  let dnormalized = ScratchBuffer()
  let dgateUp = ScratchBuffer()
  let dactivated = ScratchBuffer()
  let dattended = ScratchBuffer()
  let dqkv = ScratchBuffer()
  let keyValueGradients = ScratchBuffer()
  let inverse = ScratchBuffer()
}
