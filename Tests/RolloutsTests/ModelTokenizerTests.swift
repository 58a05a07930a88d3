import AgentCore
import Foundation
import Rollouts
import Testing

/// SmolLM2's own vocabulary, where the model file is there: `scripts/fetch-smollm2`, or AGENTRL_TEST_MODEL.
/// `Fixtures/smollm2-encodings.json` was written by Tests/TokenizationTests/Fixtures/generate.py --model.
@Suite struct ModelTokenizerTests {
  static let modelPath: String? = [
    ProcessInfo.processInfo.environment["AGENTRL_TEST_MODEL"], "models/SmolLM2-135M-Instruct.Q4_1.gguf",
  ].compactMap(\.self).first { FileManager.default.fileExists(atPath: $0) }

  @Test("SmolLM2's ids equal those of Hugging Face tokenizers", .enabled(if: modelPath != nil))
  func smolLM2() throws {
    let path = try #require(Self.modelPath)
    let tokenizer = try PolicyLanguage(path: path).tokenizer
    let url = try #require(Bundle.module.url(forResource: "Fixtures/smollm2-encodings", withExtension: "json"))
    let encodings = try #require(JSONValue(parsing: [UInt8](Data(contentsOf: url))).arrayValue)
    #expect(encodings.count > 200)
    for encoding in encodings {
      let text = try #require(encoding["text"]?.stringValue)
      let ids = try #require(encoding["ids"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) }
      #expect(tokenizer.encode(text, parseSpecial: encoding["special"] == true) == ids, "\(text.debugDescription)")
      #expect(Array(tokenizer.decode(ids).utf8) == Array((encoding["decoded"]?.stringValue ?? text).utf8))
    }
  }
}
