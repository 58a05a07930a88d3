import AgentCore

extension Tokenizer {
  /// The tokenizer of a `tokenizer.json` file, as Hugging Face `tokenizers` writes it.
  ///
  /// - Parameters:
  ///   - json: the file.
  ///   - configuration: `tokenizer_config.json` from beside it, which names the begin and end tokens.
  /// - Throws: ``TokenizerError`` naming the field for anything that would change the ids and is not understood.
  public init(json: JSONValue, configuration: JSONValue? = nil) throws(TokenizerError) {
    let model = json["model"] ?? .null
    try TokenizerJSON.checkModel(model)
    var builder = VocabularyBuilder()
    let added = try TokenizerJSON.addedTokens(json["added_tokens"] ?? .array([]))
    for (id, spelling) in try TokenizerJSON.spellings(model["vocab"] ?? .null, added: added).enumerated() {
      if let token = added[id] {
        try builder.appendAdded(token.text, isSpecial: token.isSpecial)
      } else {
        builder.append(spelling)
      }
    }
    var parts = TokenizerParts(
      vocabulary: builder.vocabulary,
      merges: try builder.mergeTable(TokenizerJSON.merges(model["merges"] ?? .null)),
      preTokenizer: try TokenizerJSON.preTokenizer(json["pre_tokenizer"] ?? .null),
      addedTokens: builder.addedTokens)
    parts.ignoresMerges = model["ignore_merges"]?.boolValue ?? false
    parts.composesCharacters = try TokenizerJSON.composesCharacters(json["normalizer"] ?? .null)
    try TokenizerJSON.checkDecoder(json["decoder"] ?? .null)
    let beginID = try TokenizerJSON.beginID(json["post_processor"] ?? .null)
    let named = { (key: String) in TokenizerJSON.id(named: key, in: configuration, among: builder.addedTokens) }
    parts.beginOfSequenceID = beginID ?? named("bos_token")
    parts.endOfSequenceID = named("eos_token")
    parts.unknownID = named("unk_token")
    parts.addsBeginOfSequence = beginID != nil
    _ = try builder.checkedID(beginID.map(Int.init), field: "post_processor")
    self.init(parts: parts)
  }
}

/// Reads the parts of a `tokenizer.json`.
private enum TokenizerJSON {
  static func checkModel(_ model: JSONValue) throws(TokenizerError) {
    guard let type = model["type"]?.stringValue ?? (model["merges"] == nil ? nil : "BPE") else {
      throw .malformed(field: "model.type", problem: "is missing")
    }
    guard type == "BPE" else { throw .unsupported(field: "model.type", value: type, supported: "BPE") }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = model[key]?.stringValue, !value.isEmpty {
        throw .unsupported(field: "model.\(key)", value: "\"\(value)\"", supported: "none")
      }
    }
    if model["byte_fallback"]?.boolValue == true {
      throw .unsupported(field: "model.byte_fallback", value: "true", supported: "false")
    }
    if let unknown = model["unk_token"]?.stringValue {
      throw .unsupported(field: "model.unk_token", value: "\"\(unknown)\"", supported: "null")
    }
  }

  /// Added tokens by id.
  static func addedTokens(_ json: JSONValue) throws(TokenizerError) -> [Int: AddedToken] {
    guard let list = json.arrayValue else { throw .malformed(field: "added_tokens", problem: "is \(json.kindName)") }
    var tokens: [Int: AddedToken] = [:]
    for (index, entry) in list.enumerated() {
      let field = "added_tokens[\(index)]"
      guard let id = entry["id"]?.intValue, let text = entry["content"]?.stringValue, id >= 0, id < Int(Int32.max),
        !text.isEmpty
      else { throw .malformed(field: field, problem: "needs an id and a content") }
      for key in ["single_word", "lstrip", "rstrip"] where entry[key]?.boolValue == true {
        throw .unsupported(field: "\(field).\(key)", value: "true", supported: "false")
      }
      let isSpecial = entry["special"]?.boolValue ?? false
      tokens[id] = AddedToken(id: Int32(id), text: text, isSpecial: isSpecial)
    }
    return tokens
  }

  /// The spelling of every id from 0 up; ids that only added tokens have are empty here.
  static func spellings(_ json: JSONValue, added: [Int: AddedToken]) throws(TokenizerError) -> [String] {
    guard let vocabulary = json.objectValue else {
      throw .malformed(field: "model.vocab", problem: "is \(json.kindName)")
    }
    let limit = vocabulary.count + added.count
    var spellings = [String?](repeating: nil, count: limit)
    for (spelling, value) in vocabulary {
      guard let id = value.intValue, id >= 0, id < limit else {
        throw .malformed(field: "model.vocab[\"\(spelling)\"]", problem: "is no id of a vocabulary without gaps")
      }
      spellings[id] = spelling
    }
    for id in added.keys where id < limit && spellings[id] == nil { spellings[id] = "" }
    if let outside = added.keys.filter({ $0 >= limit }).min() {
      throw .malformed(field: "added_tokens", problem: "id \(outside) leaves a gap after the vocabulary")
    }
    while let last = spellings.last, last == nil { spellings.removeLast() }
    if let gap = spellings.firstIndex(of: nil) {
      throw .malformed(field: "model.vocab", problem: "no token has the id \(gap)")
    }
    return spellings.compactMap(\.self)
  }

  /// Both spellings that are in use: "left right" and ["left", "right"].
  static func merges(_ json: JSONValue) throws(TokenizerError) -> [(left: String, right: String)?] {
    guard let list = json.arrayValue else { throw .malformed(field: "model.merges", problem: "is \(json.kindName)") }
    return list.map { entry in
      if let text = entry.stringValue { return VocabularyBuilder.pair(text) }
      guard let parts = entry.arrayValue, parts.count == 2, let left = parts[0].stringValue,
        let right = parts[1].stringValue
      else { return nil }
      return (left, right)
    }
  }

  static func preTokenizer(_ json: JSONValue) throws(TokenizerError) -> PreTokenizer {
    let steps = json["type"] == "Sequence" ? json["pretokenizers"]?.arrayValue ?? [] : [json]
    guard let last = steps.last, last["type"] == "ByteLevel" else {
      throw unsupportedPreTokenizer(json)
    }
    if last["add_prefix_space"]?.boolValue == true {
      throw .unsupported(field: "pre_tokenizer.add_prefix_space", value: "true", supported: "false")
    }
    let usesPattern = last["use_regex"]?.boolValue ?? true
    switch steps.count {
    case 1: return usesPattern ? .gpt2 : .none
    case 2 where usesPattern && steps[0]["type"] == "Digits" && steps[0]["individual_digits"] == true:
      return .digitsThenGPT2
    case 2
    where !usesPattern && steps[0]["type"] == "Split" && steps[0]["behavior"] == "Isolated"
      && steps[0]["invert"] != true:
      let pattern = steps[0]["pattern"]?["Regex"]?.stringValue
      if pattern == PreTokenizer.llama3Pattern { return .llama3 }
      if pattern == PreTokenizer.qwen2Pattern { return .qwen2 }
      throw .unsupported(
        field: "pre_tokenizer pattern", value: pattern ?? "not a regular expression",
        supported: "the patterns of GPT-2, SmolLM2, Llama 3 and Qwen 2")
    default: throw unsupportedPreTokenizer(json)
    }
  }

  private static func unsupportedPreTokenizer(_ json: JSONValue) -> TokenizerError {
    .unsupported(
      field: "pre_tokenizer", value: json.serialized(),
      supported: "ByteLevel alone, Digits (individual) + ByteLevel, Split + ByteLevel")
  }

  static func composesCharacters(_ json: JSONValue) throws(TokenizerError) -> Bool {
    if json == .null { return false }
    if json["type"] == "NFC" { return true }
    if json["type"] == "Sequence", json["normalizers"] == .array([]) { return false }
    throw .unsupported(field: "normalizer", value: json.serialized(), supported: "null, NFC")
  }

  static func checkDecoder(_ json: JSONValue) throws(TokenizerError) {
    guard json["type"] == "ByteLevel" else {
      throw .unsupported(field: "decoder", value: json.serialized(), supported: "ByteLevel")
    }
  }

  /// The begin-of-sequence id that the post-processor puts before a text, or nil if it adds nothing.
  static func beginID(_ json: JSONValue) throws(TokenizerError) -> Int32? {
    switch json["type"]?.stringValue {
    case nil where json == .null, "ByteLevel": return nil
    case "Sequence":
      var found: Int32?
      for step in json["processors"]?.arrayValue ?? [] { found = try beginID(step) ?? found }
      return found
    case "TemplateProcessing":
      let single = json["single"]?.arrayValue ?? []
      if single.count == 1, single[0]["Sequence"] != nil { return nil }
      if single.count == 2, single[1]["Sequence"] != nil, let name = single[0]["SpecialToken"]?["id"]?.stringValue,
        let ids = json["special_tokens"]?[name]?["ids"]?.arrayValue, ids.count == 1, let id = ids[0].intValue
      {
        return Int32(exactly: id)
      }
    default: break
    }
    throw .unsupported(
      field: "post_processor", value: json.serialized(), supported: "null, ByteLevel, one token before the text")
  }

  /// The id of a token that `tokenizer_config.json` names, as a string or as an object with a content.
  static func id(named key: String, in configuration: JSONValue?, among tokens: [AddedToken]) -> Int32? {
    guard let value = configuration?[key], let text = value.stringValue ?? value["content"]?.stringValue else {
      return nil
    }
    return tokens.first { $0.text == text }?.id
  }
}
