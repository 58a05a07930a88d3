/// The tokenizer metadata of a GGUF file (`tokenizer.ggml.*`), as plain values.
public struct GGUFVocabulary: Sendable {
  /// `tokenizer.ggml.model`; only `gpt2` (byte-level pairs) is understood.
  public var model: String
  /// `tokenizer.ggml.pre`.
  public var preTokenizer: String
  public var tokens: [String]
  /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Empty: all normal.
  public var tokenTypes: [Int]
  /// "left right", in rank order.
  public var merges: [String]
  public var beginOfSequenceID: Int?
  public var endOfSequenceID: Int?
  public var unknownID: Int?
  /// `tokenizer.ggml.add_bos_token`.
  public var addsBeginOfSequence: Bool

  public init(
    model: String = "gpt2", preTokenizer: String, tokens: [String], tokenTypes: [Int], merges: [String],
    beginOfSequenceID: Int? = nil, endOfSequenceID: Int? = nil, unknownID: Int? = nil,
    addsBeginOfSequence: Bool = false
  ) {
    self.model = model
    self.preTokenizer = preTokenizer
    self.tokens = tokens
    self.tokenTypes = tokenTypes
    self.merges = merges
    self.beginOfSequenceID = beginOfSequenceID
    self.endOfSequenceID = endOfSequenceID
    self.unknownID = unknownID
    self.addsBeginOfSequence = addsBeginOfSequence
  }
}

extension Tokenizer {
  /// The tokenizer inside a GGUF model file.
  public init(gguf: GGUFVocabulary) throws(TokenizerError) {
    guard gguf.model == "gpt2" else {
      throw .unsupported(field: "tokenizer.ggml.model", value: gguf.model, supported: "gpt2")
    }
    guard gguf.tokenTypes.isEmpty || gguf.tokenTypes.count == gguf.tokens.count else {
      throw .malformed(
        field: "tokenizer.ggml.token_type",
        problem: "\(gguf.tokenTypes.count) types for \(gguf.tokens.count) tokens")
    }
    let preTokenizer = try PreTokenizer(gguf: gguf.preTokenizer)
    var builder = VocabularyBuilder()
    for (index, token) in gguf.tokens.enumerated() {
      switch gguf.tokenTypes.isEmpty ? 1 : gguf.tokenTypes[index] {
      case 3: try builder.appendAdded(token, isSpecial: true)
      case 4: try builder.appendAdded(token, isSpecial: false)
      default: builder.append(token)
      }
    }
    var parts = TokenizerParts(
      vocabulary: builder.vocabulary,
      merges: try builder.mergeTable(gguf.merges.map(VocabularyBuilder.pair)),
      preTokenizer: preTokenizer, addedTokens: builder.addedTokens)
    parts.ignoresMerges = preTokenizer == .llama3
    parts.composesCharacters = preTokenizer == .qwen2
    parts.beginOfSequenceID = try builder.checkedID(gguf.beginOfSequenceID, field: "tokenizer.ggml.bos_token_id")
    parts.endOfSequenceID = try builder.checkedID(gguf.endOfSequenceID, field: "tokenizer.ggml.eos_token_id")
    parts.unknownID = try builder.checkedID(gguf.unknownID, field: "tokenizer.ggml.unknown_token_id")
    parts.addsBeginOfSequence = gguf.addsBeginOfSequence && parts.beginOfSequenceID != nil
    self.init(parts: parts)
  }
}

extension PreTokenizer {
  /// The pre-tokenizer that GGUF calls by this name.
  init(gguf name: String) throws(TokenizerError) {
    switch name {
    case "gpt-2", "gpt2": self = .gpt2
    case "smollm": self = .digitsThenGPT2
    case "llama-bpe", "llama3", "llama-v3": self = .llama3
    case "qwen2": self = .qwen2
    default:
      throw .unsupported(
        field: "tokenizer.ggml.pre", value: "\"\(name)\"", supported: "gpt-2, smollm, llama-bpe, qwen2")
    }
  }
}
