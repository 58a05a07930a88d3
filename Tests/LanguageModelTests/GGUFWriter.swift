import AgentCore
import LanguageModel

/// Writes small GGUF files for tests: a Llama model in F32, rotary pairs side by side as converters store them.
struct GGUFWriter {
  var bytes: [UInt8] = []

  mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func string(_ text: String) {
    integer(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func entry(_ key: String, _ value: GGUFValue) {
    string(key)
    switch value {
    case .integer(let number):
      integer(UInt32(4))
      integer(UInt32(number))
    case .float(let number):
      integer(UInt32(6))
      integer(Float(number).bitPattern)
    case .string(let text):
      integer(UInt32(8))
      string(text)
    case .strings(let texts):
      integer(UInt32(9))
      integer(UInt32(8))
      integer(UInt64(texts.count))
      for text in texts { string(text) }
    case .integers(let numbers):
      integer(UInt32(9))
      integer(UInt32(5))
      integer(UInt64(numbers.count))
      for number in numbers { integer(Int32(number)) }
    default: preconditionFailure("tests write no \(value)")
    }
  }

  /// A complete file of the model.
  static func file(_ configuration: TransformerConfiguration, _ parameters: ParameterBuffer) -> [UInt8] {
    var writer = GGUFWriter()
    let entries: [(String, GGUFValue)] = [
      ("general.architecture", .string("llama")),
      ("llama.context_length", .integer(Int64(configuration.contextLength))),
      ("llama.embedding_length", .integer(Int64(configuration.width))),
      ("llama.block_count", .integer(Int64(configuration.layers))),
      ("llama.feed_forward_length", .integer(Int64(configuration.feedForwardWidth))),
      ("llama.attention.head_count", .integer(Int64(configuration.heads))),
      ("llama.attention.head_count_kv", .integer(Int64(configuration.keyValueHeads))),
      ("llama.attention.key_length", .integer(Int64(configuration.headWidth))),
      ("llama.rope.dimension_count", .integer(Int64(configuration.headWidth))),
      ("llama.rope.freq_base", .float(Double(configuration.ropeTheta))),
      ("llama.attention.layer_norm_rms_epsilon", .float(Double(configuration.normEpsilon))),
      ("tokenizer.ggml.tokens", .strings(["a", "b", "ä"])),
      ("tokenizer.ggml.token_type", .integers([1, 1, 3])),
    ]
    writer.bytes.append(contentsOf: "GGUF".utf8)
    writer.integer(UInt32(3))
    writer.integer(UInt64(parameters.tensors.count))
    writer.integer(UInt64(entries.count))
    for (key, value) in entries { writer.entry(key, value) }
    writer.tensors(configuration, parameters)
    return writer.bytes
  }

  private mutating func tensors(_ configuration: TransformerConfiguration, _ parameters: ParameterBuffer) {
    var offset = 0
    for tensor in parameters.tensors {
      string(Self.name(tensor.name))
      integer(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { integer(UInt64(size)) }
      integer(UInt32(0))
      integer(UInt64(offset))
      offset += (4 * tensor.count + 31) / 32 * 32
    }
    while bytes.count % 32 != 0 { bytes.append(0) }
    for tensor in parameters.tensors {
      var values = parameters.values(of: tensor.name) ?? []
      if tensor.name.hasSuffix("q_proj.weight") || tensor.name.hasSuffix("k_proj.weight") {
        values = Self.pairsSideBySide(values, columns: tensor.shape[1], headWidth: configuration.headWidth)
      }
      for value in values { integer(value.bitPattern) }
      while bytes.count % 32 != 0 { bytes.append(0) }
    }
  }

  /// Row i of a head goes to 2i, row i + headWidth / 2 to 2i + 1.
  private static func pairsSideBySide(_ values: [Float], columns: Int, headWidth: Int) -> [Float] {
    var result = values
    for row in 0..<values.count / columns {
      let (head, within) = (row / headWidth, row % headWidth)
      let half = headWidth / 2
      let target = head * headWidth + (within < half ? 2 * within : 2 * (within - half) + 1)
      result.replaceSubrange(target * columns..<(target + 1) * columns, with: values[row * columns..<(row + 1) * columns])
    }
    return result
  }

  private static func name(_ checkpoint: String) -> String {
    let names = [
      "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
      "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
      "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
      "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]
    let parts = checkpoint.split(separator: ".")
    guard parts.count > 3 else { return (names[parts.dropLast().joined(separator: ".")] ?? checkpoint) + ".weight" }
    let inner = parts[3..<parts.count - 1].joined(separator: ".")
    return "blk.\(parts[2]).\(names[inner] ?? inner).weight"
  }
}
