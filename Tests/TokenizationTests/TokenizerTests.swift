import AgentCore
import Testing

@testable import Tokenization

@Suite struct TokenizerTests {
  @Test(
    "ids and text equal those of Hugging Face tokenizers",
    arguments: ["digitsThenGPT2", "gpt2", "llama3", "qwen2"])
  func matchesReference(name: String) throws {
    let fixture = try #require(Fixture.json("encodings.json")[name])
    let tokenizer = try Fixture.variant(fixture)
    #expect(tokenizer.preTokenizer.rawValue == name)
    let encodings = try #require(fixture["encodings"]?.arrayValue)
    #expect(encodings.count > 150)
    for encoding in encodings {
      let text = try #require(encoding["text"]?.stringValue)
      let ids = try #require(encoding["ids"]).ids
      #expect(tokenizer.encode(text, parseSpecial: encoding["special"] == true) == ids, "\(text.debugDescription)")
      let decoded = encoding["decoded"] ?? .string(text)
      #expect(Array(tokenizer.decode(ids).utf8) == decoded.utf8, "\(text.debugDescription)")
    }
  }

  @Test("a second encoding, from the cache, equals the first")
  func cachedWords() throws {
    let tokenizer = try Fixture.smallTokenizer()
    let text = "The calculator gives 357, the quick brown fox doesn't: " + String(repeating: "ab", count: 200)
    let first = tokenizer.encode(text)
    #expect(tokenizer.encode(text) == first)
    #expect(tokenizer.decode(first) == text)
  }

  @Test("many threads encode with one tokenizer and get the same ids")
  func sharedAcrossTasks() async throws {
    let tokenizer = try Fixture.smallTokenizer()
    let texts = (0..<40).map { "line \($0): the lazy dog's \($0 * 7) bones — déjà vu 世界" }
    let wanted = texts.map { tokenizer.encode($0) }
    await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<8 { group.addTask { texts.map { tokenizer.encode($0) } } }
      for await ids in group { #expect(ids == wanted) }
    }
  }

  @Test("written and read back, a tokenizer is the same", arguments: ["digitsThenGPT2", "gpt2", "llama3", "qwen2"])
  func roundTrip(name: String) throws {
    let fixture = try #require(Fixture.json("encodings.json")[name])
    let tokenizer = try Fixture.variant(fixture)
    let again = try Tokenizer(json: JSONValue(parsing: tokenizer.json.serialized()))
    #expect(again.json == tokenizer.json)
    #expect(again.addedTokens == tokenizer.addedTokens)
    for encoding in try #require(fixture["encodings"]?.arrayValue).prefix(80) {
      let text = try #require(encoding["text"]?.stringValue)
      #expect(again.encode(text, parseSpecial: true) == tokenizer.encode(text, parseSpecial: true))
    }
  }

  @Test("begin and end tokens survive the two files")
  func configuration() throws {
    let gguf = try ggufVocabulary(preTokenizer: "llama-bpe", beginOfSequenceID: 1, addsBeginOfSequence: true)
    let tokenizer = try Tokenizer(gguf: gguf)
    let again = try Tokenizer(json: tokenizer.json, configuration: tokenizer.configurationJSON(chatTemplate: "x"))
    #expect(again.beginOfSequenceID == 1)
    #expect(again.endOfSequenceID == 2)
    #expect(again.addsBeginOfSequence)
    #expect(tokenizer.configurationJSON(chatTemplate: "x")["chat_template"] == "x")
  }

  @Test("metadata of a GGUF file gives the same ids as the tokenizer.json it was made from")
  func gguf() throws {
    let tokenizer = try Tokenizer(gguf: try ggufVocabulary(preTokenizer: "smollm"))
    let fixture = try #require(Fixture.json("encodings.json")["digitsThenGPT2"]?["encodings"]?.arrayValue)
    for encoding in fixture {
      let text = try #require(encoding["text"]?.stringValue)
      #expect(tokenizer.encode(text, parseSpecial: encoding["special"] == true) == encoding["ids"]?.ids)
    }
  }

  /// The small tokenizer as GGUF would hold it.
  private func ggufVocabulary(
    preTokenizer: String, beginOfSequenceID: Int? = nil, addsBeginOfSequence: Bool = false
  ) throws -> GGUFVocabulary {
    let file = try Fixture.json("tokenizer.json")
    var tokens = [String](repeating: "", count: try Fixture.smallTokenizer().vocabularySize)
    var types = [Int](repeating: 1, count: tokens.count)
    for (token, id) in try #require(file["model"]?["vocab"]?.objectValue) { tokens[try #require(id.intValue)] = token }
    for added in try #require(file["added_tokens"]?.arrayValue) {
      let id = try #require(added["id"]?.intValue)
      tokens[id] = try #require(added["content"]?.stringValue)
      types[id] = added["special"] == true ? 3 : 4
    }
    let merges = try #require(file["model"]?["merges"]?.arrayValue).map { merge in
      merge.stringValue ?? (merge.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
    }
    return GGUFVocabulary(
      preTokenizer: preTokenizer, tokens: tokens, tokenTypes: types, merges: merges,
      beginOfSequenceID: beginOfSequenceID, endOfSequenceID: 2, unknownID: 0,
      addsBeginOfSequence: addsBeginOfSequence)
  }

  // MARK: Special tokens

  @Test("special tokens in text are text unless asked for; ordinary added tokens are always found")
  func specialTokens() throws {
    let tokenizer = try Fixture.smallTokenizer()
    let end = try #require(tokenizer.id(ofAddedToken: "<|im_end|>"))
    let call = try #require(tokenizer.id(ofAddedToken: "<tool_call>"))
    let text = "a<|im_end|>b<tool_call>"
    #expect(tokenizer.encode(text, parseSpecial: true).contains(end))
    #expect(!tokenizer.encode(text).contains(end))
    #expect(tokenizer.encode(text).last == call)
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    #expect(tokenizer.decode(tokenizer.encode(text, parseSpecial: true), skipSpecial: true) == "ab<tool_call>")
    #expect(tokenizer.isSpecial(end))
    #expect(!tokenizer.isSpecial(call))
  }

  @Test("of added tokens that start at one place, the longest is found")
  func longestAddedToken() throws {
    let tokenizer = try Tokenizer.byteLevel(specialTokens: ["<|a", "<|a|>", "|>x"])
    #expect(tokenizer.encode("<|a|>x", parseSpecial: true) == [257, 120])
    #expect(tokenizer.encode("<|a>", parseSpecial: true) == [256, 62])
    #expect(tokenizer.encode("<|", parseSpecial: true) == [60, 124])
  }

  // MARK: Byte level

  @Test("a byte-level tokenizer gives bytes as ids, then its special and ordinary tokens")
  func byteLevel() throws {
    let tokenizer = try Tokenizer.byteLevel(
      specialTokens: ChatTemplate.compactSpecialTokens, ordinaryTokens: ["<tool_call>"], endOfSequence: "<|end|>")
    #expect(tokenizer.vocabularySize == 256 + 6)
    #expect(tokenizer.endOfSequenceID == 256)
    let text = "é\0 12 漢字👍 don't"
    #expect(tokenizer.encode(text) == text.utf8.map(Int32.init))
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    #expect(tokenizer.encode("<tool_call><|end|>", parseSpecial: true) == [261, 256])
    let again = try Tokenizer(json: tokenizer.json, configuration: tokenizer.configurationJSON())
    #expect(again.json == tokenizer.json)
    #expect(again.endOfSequenceID == 256)
    #expect(
      again.encode(text + "<|end|>", parseSpecial: true) == tokenizer.encode(text + "<|end|>", parseSpecial: true))
  }

  @Test("a byte-level tokenizer refuses tokens that are empty, given twice, or an unknown end")
  func byteLevelErrors() {
    #expect(throws: TokenizerError.self) { try Tokenizer.byteLevel(specialTokens: ["a", "a"]) }
    #expect(throws: TokenizerError.self) { try Tokenizer.byteLevel(specialTokens: [""]) }
    #expect(throws: TokenizerError.self) { try Tokenizer.byteLevel(specialTokens: ["a"], endOfSequence: "b") }
  }

  // MARK: Decoding

  @Test("broken UTF-8 and unknown ids decode to something")
  func lossyDecoding() throws {
    let tokenizer = try Tokenizer.byteLevel(specialTokens: [])
    #expect(tokenizer.decode([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    #expect(tokenizer.decodeBytes([0x61, 0xFF, 9999, -1]) == [0x61, 0xFF])
  }

  @Test("streaming gives the text of all ids, and whole characters as soon as they are there")
  func streaming() throws {
    let tokenizer = try Tokenizer.byteLevel(specialTokens: ["<|end|>"])
    var random = TestStream(state: 5)
    let pool: [[UInt8]] =
      ["a", "é", "漢", "👍🏽", "<|end|>"].map { Array($0.utf8) }
      + [
        [0xFF], [0xC3], [0xE6, 0xBC], [0xF0, 0x9F, 0x91], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5], [0x80],
        [0xE0, 0x80],
      ]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in pool.randomElement(using: &random) ?? [] }
      let ids = bytes.map(Int32.init)
      var decoder = StreamingDecoder(tokenizer)
      let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
      #expect(streamed == tokenizer.decode(ids), "\(bytes)")
    }
    var decoder = StreamingDecoder(tokenizer)
    #expect([0xE6, 0xBC, 0xA2, 0x61].map { decoder.append($0) } == ["", "", "漢", "a"])
  }
}
