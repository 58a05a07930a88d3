import AgentCore

extension Tokenizer {
  /// The tokenizer as a `tokenizer.json` that Hugging Face `tokenizers` loads and that gives the same ids there.
  /// Reading it back gives an equal tokenizer.
  public var json: JSONValue {
    [
      "version": "1.0",
      "truncation": .null,
      "padding": .null,
      "added_tokens": .array(addedTokens.map(Self.addedTokenJSON)),
      "normalizer": composesCharacters ? ["type": "NFC"] : .null,
      "pre_tokenizer": preTokenizer.json,
      "post_processor": postProcessorJSON,
      "decoder": PreTokenizer.byteLevelJSON(usesPattern: true),
      "model": modelJSON,
    ]
  }

  /// The `tokenizer_config.json` that belongs beside ``json``.
  public func configurationJSON(chatTemplate: String? = nil, contextLength: Int? = nil) -> JSONValue {
    var fields: JSONObject = ["tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false]
    for (key, id) in [
      ("bos_token", beginOfSequenceID), ("eos_token", endOfSequenceID), ("unk_token", unknownID),
    ] {
      if let id { fields[key] = .string(String(decoding: bytes(of: id), as: UTF8.self)) }
    }
    if let contextLength { fields["model_max_length"] = JSONValue(contextLength) }
    if let chatTemplate { fields["chat_template"] = .string(chatTemplate) }
    return .object(fields)
  }

  private var modelJSON: JSONValue {
    var vocabularyJSON = JSONObject(minimumCapacity: vocabularySize)
    for id in 0..<Int32(vocabularySize) { vocabularyJSON[vocabulary.spelling(of: id)] = .int(Int64(id)) }
    let mergesJSON = merges.ranked.map { pair in
      JSONValue.string("\(vocabulary.spelling(of: pair.left)) \(vocabulary.spelling(of: pair.right))")
    }
    return [
      "type": "BPE",
      "dropout": .null,
      "unk_token": .null,
      "continuing_subword_prefix": .null,
      "end_of_word_suffix": .null,
      "fuse_unk": false,
      "byte_fallback": false,
      "ignore_merges": .bool(wholeWords != nil),
      "vocab": .object(vocabularyJSON),
      "merges": .array(mergesJSON),
    ]
  }

  private var postProcessorJSON: JSONValue {
    guard addsBeginOfSequence, let id = beginOfSequenceID else { return .null }
    let name = JSONValue.string(String(decoding: bytes(of: id), as: UTF8.self))
    let token: JSONValue = ["SpecialToken": ["id": name, "type_id": 0]]
    let text: JSONValue = ["Sequence": ["id": "A", "type_id": 0]]
    let second: JSONValue = ["Sequence": ["id": "B", "type_id": 0]]
    return [
      "type": "TemplateProcessing",
      "single": [token, text],
      "pair": [token, text, second],
      "special_tokens": .object([
        name.stringValue ?? "": ["id": name, "ids": [.int(Int64(id))], "tokens": [name]]
      ]),
    ]
  }

  private static func addedTokenJSON(_ token: AddedToken) -> JSONValue {
    [
      "id": .int(Int64(token.id)), "content": .string(token.text), "single_word": false, "lstrip": false,
      "rstrip": false, "normalized": false, "special": .bool(token.isSpecial),
    ]
  }
}

extension PreTokenizer {
  /// The `pre_tokenizer` of a `tokenizer.json`.
  var json: JSONValue {
    switch self {
    case .none: Self.byteLevelJSON(usesPattern: false)
    case .gpt2: Self.byteLevelJSON(usesPattern: true)
    case .digitsThenGPT2:
      Self.sequenceJSON(["type": "Digits", "individual_digits": true], Self.byteLevelJSON(usesPattern: true))
    case .llama3: Self.sequenceJSON(Self.splitJSON(Self.llama3Pattern), Self.byteLevelJSON(usesPattern: false))
    case .qwen2: Self.sequenceJSON(Self.splitJSON(Self.qwen2Pattern), Self.byteLevelJSON(usesPattern: false))
    }
  }

  static func byteLevelJSON(usesPattern: Bool) -> JSONValue {
    ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(usesPattern)]
  }

  private static func splitJSON(_ pattern: String) -> JSONValue {
    ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false]
  }

  private static func sequenceJSON(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
    ["type": "Sequence", "pretokenizers": [first, second]]
  }
}
