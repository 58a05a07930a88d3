import AgentCore
import EnvironmentKit
import Foundation
import Testing
import Tokenization

@testable import Rollouts

@Suite struct PolicyLanguageTests {
  private static let conversation = [
    Message(role: .system, content: "Be brief."), Message(role: .user, content: "3+4=? <|end|> é 🙂"),
  ]
  private static let texts = [
    "", "3+4=?", #"<tool_call>{"name":"calculator","arguments":{"expression":"1+1"}}</tool_call>"#, "é 🙂\u{0}\n",
    "<|end|>",
  ]

  /// Everything by which two languages could be told apart.
  private func expectEqual(_ one: PolicyLanguage, _ other: PolicyLanguage, tools: [ToolSchema]) throws {
    #expect(one.tokenizer.vocabularySize == other.tokenizer.vocabularySize)
    for text in Self.texts {
      for special in [false, true] {
        let ids = one.tokenizer.encode(text, parseSpecial: special)
        #expect(other.tokenizer.encode(text, parseSpecial: special) == ids)
        #expect(other.tokenizer.decode(ids) == one.tokenizer.decode(ids))
      }
    }
    #expect(one.conversation.stopTokenIDs == other.conversation.stopTokenIDs)
    #expect(one.conversation.endOfTurnID == other.conversation.endOfTurnID)
    #expect(one.toolCalls == other.toolCalls)
    #expect(one.conversation.options.toolPresentation == other.conversation.options.toolPresentation)
    #expect(
      try one.conversation.encodePrompt(messages: Self.conversation, tools: tools)
        == other.conversation.encodePrompt(messages: Self.conversation, tools: tools))
  }

  @Test("a small policy's language reads back as it was saved")
  func small() throws {
    let folder = try TemporaryFolder()
    let language = try SmallPolicy.language()
    try language.save(to: "\(folder.path)/policy")
    let read = try PolicyLanguage(path: "\(folder.path)/policy")
    try expectEqual(language, read, tools: try SmallPolicy.calculator().toolSchemas)
  }

  @Test(
    "a real model's language reads back from the folder it was saved to",
    .enabled(if: ModelTokenizerTests.modelPath != nil))
  func real() throws {
    let folder = try TemporaryFolder()
    let language = try PolicyLanguage(path: try #require(ModelTokenizerTests.modelPath))
    try language.save(to: folder.path)
    try expectEqual(
      language, try PolicyLanguage(path: folder.path), tools: try SmallPolicy.calculator().toolSchemas)
  }

  @Test("a call of the small language is one token for each piece of markup and each name")
  func pieces() throws {
    let language = try SmallPolicy.language()
    let ids = language.tokenizer.encode(
      language.toolCalls.text(of: ToolCall(id: "", name: "calculator", arguments: ["expression": "12+34"])))
    // <tool_call> {"name":" calculator ","arguments":{" expression ":" 12+34 "}} </tool_call>
    #expect(ids.count == 8 + 5)
  }

  @Test(
    "a damaged conversation.json is refused by name",
    arguments: [
      ("{", "conversation.json"),
      (#"{"tool_presentation":"omitted"}"#, "tool_call_format"),
      (#"{"tool_presentation":"omited","tool_call_format":"hermes"}"#, "tool_presentation"),
      (#"{"tool_presentation":"omitted","tool_call_format":"hermes","extra":1}"#, "extra"),
      ("[]", "conversation.json"),
    ])
  func damagedOptions(text: String, named: String) throws {
    let folder = try TemporaryFolder()
    try SmallPolicy.language().save(to: folder.path)
    try folder.write(text, to: "conversation.json")
    #expect {
      try PolicyLanguage(path: folder.path)
    } throws: { error in
      guard case PolicyLanguageError.malformed(let path, let reason) = error else { return false }
      return path.hasSuffix("/conversation.json") && "\(path): \(reason)".contains(named)
    }
  }

  @Test("a folder without a tokenizer says which file is missing")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: PolicyLanguageError.missing(path: "\(folder.path)/tokenizer.json")) {
      try PolicyLanguage(path: folder.path)
    }
  }

  @Test("weights and language are loaded together, and must belong together")
  func loadedPolicy() async throws {
    let folder = try TemporaryFolder()
    let policy = try SmallPolicy.make()
    try await WeightEditor(policy.engine).save(to: folder.path)
    try policy.language.save(to: folder.path)
    let loaded = try LoadedPolicy(path: folder.path, threads: 1)
    #expect(await loaded.engine.digest == policy.engine.digest)
    #expect(loaded.engine.configuration == policy.engine.configuration)
    let ids = SmallPolicy.prompt(20)
    #expect(try await loaded.engine.logprobs(of: ids) == policy.engine.logprobs(of: ids))

    let larger = try PolicyLanguage(
      tokenizer: .byteLevel(
        specialTokens: ChatTemplate.compactSpecialTokens, ordinaryTokens: (0..<50).map { "<extra \($0)>" },
        endOfSequence: ChatTemplate.compactSpecialTokens[0]),
      template: .compact, options: ConversationEncoder.Options())
    try larger.save(to: folder.path)
    #expect {
      try LoadedPolicy(path: folder.path)
    } throws: { "\($0)".contains("its tokenizer has 311 ids") }
  }

  @Test("a run's folder stands for its newest checkpoint, anything else for itself")
  func path() throws {
    let folder = try TemporaryFolder()
    #expect(PolicyPath.resolve(folder.path) == folder.path)
    #expect(PolicyPath.resolve("\(folder.path)/model.gguf") == "\(folder.path)/model.gguf")
    for name in [".writing", "step-000000"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/checkpoints/\(name)", withIntermediateDirectories: true)
    }
    #expect(PolicyPath.resolve(folder.path) == "\(folder.path)/checkpoints/step-000000")
    for name in ["step-000009", "step-000010"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/checkpoints/\(name)", withIntermediateDirectories: true)
    }
    #expect(PolicyPath.resolve(folder.path) == "\(folder.path)/checkpoints/step-000010")
  }
}
