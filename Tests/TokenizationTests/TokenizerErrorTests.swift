import AgentCore
import Testing

@testable import Tokenization

@Suite struct TokenizerErrorTests {
  @Test(
    "what would change the ids and is not understood is refused by name",
    arguments: [
      ("normalizer", ["type": "NFKC"], "normalizer"),
      ("pre_tokenizer", ["type": "Metaspace"], "pre_tokenizer"),
      ("pre_tokenizer", ["type": "ByteLevel", "add_prefix_space": true], "pre_tokenizer.add_prefix_space"),
      (
        "pre_tokenizer",
        [
          "type": "Sequence",
          "pretokenizers": [
            ["type": "Split", "pattern": ["Regex": "\\w+"], "behavior": "Isolated", "invert": false],
            ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
          ],
        ], "pre_tokenizer pattern"
      ),
      ("decoder", ["type": "WordPiece"], "decoder"),
      ("post_processor", ["type": "BertProcessing"], "post_processor"),
      ("model", ["type": "Unigram"], "model.type"),
      ("model", ["type": "BPE", "unk_token": "<unk>"], "model.unk_token"),
      ("model", ["type": "BPE", "byte_fallback": true], "model.byte_fallback"),
    ] as [(String, JSONValue, String)])
  func unsupported(key: String, value: JSONValue, field: String) throws {
    let file = try Fixture.json("tokenizer.json").replacing(key, with: value)
    do {
      _ = try Tokenizer(json: file)
      Issue.record("accepted")
    } catch {
      guard case .unsupported(let named, _, _) = error else { throw error }
      #expect(named == field)
    }
  }

  @Test("broken files are errors that name the field")
  func malformed() throws {
    let file = try Fixture.json("tokenizer.json")
    let model = try #require(file["model"])
    let broken: [JSONValue] = [
      .null, [:], ["model": [:]],
      file.replacing("model", with: model.replacing("vocab", with: ["a": 0, "b": 7])),
      file.replacing("model", with: model.replacing("vocab", with: ["a": -1])),
      file.replacing("model", with: model.replacing("merges", with: ["ab"])),
      file.replacing("model", with: model.replacing("merges", with: ["漢 字"])),
      file.replacing("added_tokens", with: [["id": 1]]),
      file.replacing("added_tokens", with: [["id": 99_999, "content": "x"]]),
      file.replacing("added_tokens", with: [["id": 1, "content": "x", "lstrip": true]]),
    ]
    for json in broken { #expect(throws: TokenizerError.self) { try Tokenizer(json: json) } }
  }

  @Test("a GGUF vocabulary with an unknown pre-tokenizer, model or id is refused")
  func gguf() {
    let tokens = ["a", "b", "ab"]
    func build(_ change: (inout GGUFVocabulary) -> Void) throws {
      var vocabulary = GGUFVocabulary(preTokenizer: "smollm", tokens: tokens, tokenTypes: [], merges: ["a b"])
      change(&vocabulary)
      _ = try Tokenizer(gguf: vocabulary)
    }
    #expect(throws: Never.self) { try build { _ in } }
    #expect(throws: TokenizerError.self) { try build { $0.model = "llama" } }
    #expect(throws: TokenizerError.self) { try build { $0.preTokenizer = "deepseek-llm" } }
    #expect(throws: TokenizerError.self) { try build { $0.tokenTypes = [1] } }
    #expect(throws: TokenizerError.self) { try build { $0.endOfSequenceID = 3 } }
    #expect(throws: TokenizerError.unknownMergePart(merge: "b a", index: 0)) { try build { $0.merges = ["b a"] } }
  }
}
