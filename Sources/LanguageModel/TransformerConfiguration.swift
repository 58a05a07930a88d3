/// The sizes and constants of a Llama-architecture transformer.
///
/// Grouped-query attention with rotary positions (half-split, as in Hugging Face checkpoints), RMSNorm before each
/// block, SwiGLU feed-forward, no biases.
public struct TransformerConfiguration: Sendable, Equatable {
  /// V: tokens in the vocabulary.
  public var vocabularySize: Int
  /// D: floats of the residual stream.
  public var width: Int
  /// Number of blocks.
  public var layers: Int
  /// H: query heads.
  public var heads: Int
  /// Key-value heads; divides `heads`.
  public var keyValueHeads: Int
  /// K: floats of a head; even.
  public var headWidth: Int
  /// F: floats of the feed-forward layer.
  public var feedForwardWidth: Int
  /// Base of the rotary angles.
  public var ropeTheta: Float
  /// Added to the mean square in RMSNorm.
  public var normEpsilon: Float
  /// Longest sequence, in tokens.
  public var contextLength: Int
  /// True if the output layer is the embedding.
  public var tiedEmbeddings: Bool

  public init(
    vocabularySize: Int, width: Int, layers: Int, heads: Int, keyValueHeads: Int, headWidth: Int,
    feedForwardWidth: Int, ropeTheta: Float = 10_000, normEpsilon: Float = 1e-5, contextLength: Int = 2048,
    tiedEmbeddings: Bool = true
  ) {
    self.vocabularySize = vocabularySize
    self.width = width
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headWidth = headWidth
    self.feedForwardWidth = feedForwardWidth
    self.ropeTheta = ropeTheta
    self.normEpsilon = normEpsilon
    self.contextLength = contextLength
    self.tiedEmbeddings = tiedEmbeddings
  }

  /// Floats of all query heads of a token.
  public var queryWidth: Int { heads * headWidth }
  /// Floats of all keys (or values) of a token.
  public var keyValueWidth: Int { keyValueHeads * headWidth }
  /// Floats of queries, keys and values together.
  var qkvWidth: Int { queryWidth + 2 * keyValueWidth }

  /// Why the sizes make no model, or nil if they do. The bounds keep every product of sizes far from overflow.
  public var problem: String? {
    let sizes = [
      ("vocabularySize", vocabularySize, 1 << 24), ("width", width, 1 << 20), ("layers", layers, 4096),
      ("heads", heads, 1 << 14), ("keyValueHeads", keyValueHeads, 1 << 14), ("headWidth", headWidth, 1 << 14),
      ("feedForwardWidth", feedForwardWidth, 1 << 22), ("contextLength", contextLength, 1 << 24),
    ]
    for (name, size, limit) in sizes where size < 1 || size > limit { return "\(name) is \(size), not in 1...\(limit)" }
    if headWidth % 2 != 0 { return "headWidth is \(headWidth), which rotary positions cannot halve" }
    if heads % keyValueHeads != 0 { return "\(heads) heads cannot share \(keyValueHeads) key-value heads evenly" }
    if queryWidth > 1 << 20 { return "\(heads) heads of width \(headWidth) are too wide" }
    if !(ropeTheta.isFinite && ropeTheta > 0) { return "ropeTheta is \(ropeTheta), not a positive number" }
    if !(normEpsilon.isFinite && normEpsilon >= 0) { return "normEpsilon is \(normEpsilon), not a number >= 0" }
    return nil
  }
}

extension TransformerConfiguration {
  /// Every tensor of a checkpoint of this model, by its published name, in the order of computation.
  public var tensorShapes: [(name: String, shape: [Int])] {
    var shapes: [(String, [Int])] = [(TensorName.embedding, [vocabularySize, width])]
    for layer in 0..<layers {
      shapes += [
        (TensorName.attentionNorm(layer), [width]),
        (TensorName.query(layer), [queryWidth, width]),
        (TensorName.key(layer), [keyValueWidth, width]),
        (TensorName.value(layer), [keyValueWidth, width]),
        (TensorName.attentionOutput(layer), [width, queryWidth]),
        (TensorName.feedForwardNorm(layer), [width]),
        (TensorName.gate(layer), [feedForwardWidth, width]),
        (TensorName.up(layer), [feedForwardWidth, width]),
        (TensorName.down(layer), [width, feedForwardWidth]),
      ]
    }
    shapes.append((TensorName.finalNorm, [width]))
    if !tiedEmbeddings { shapes.append((TensorName.output, [vocabularySize, width])) }
    return shapes
  }

  /// Number of parameters.
  public var parameterCount: Int { tensorShapes.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

/// Tensor names as Hugging Face checkpoints of the Llama family publish them.
enum TensorName {
  static let embedding = "model.embed_tokens.weight"
  static let finalNorm = "model.norm.weight"
  static let output = "lm_head.weight"

  static func attentionNorm(_ layer: Int) -> String { "model.layers.\(layer).input_layernorm.weight" }
  static func query(_ layer: Int) -> String { "model.layers.\(layer).self_attn.q_proj.weight" }
  static func key(_ layer: Int) -> String { "model.layers.\(layer).self_attn.k_proj.weight" }
  static func value(_ layer: Int) -> String { "model.layers.\(layer).self_attn.v_proj.weight" }
  static func attentionOutput(_ layer: Int) -> String { "model.layers.\(layer).self_attn.o_proj.weight" }
  static func feedForwardNorm(_ layer: Int) -> String { "model.layers.\(layer).post_attention_layernorm.weight" }
  static func gate(_ layer: Int) -> String { "model.layers.\(layer).mlp.gate_proj.weight" }
  static func up(_ layer: Int) -> String { "model.layers.\(layer).mlp.up_proj.weight" }
  static func down(_ layer: Int) -> String { "model.layers.\(layer).mlp.down_proj.weight" }
}
