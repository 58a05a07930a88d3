import AgentCore
import Foundation
import LanguageModel
import Tokenization

/// How a policy reads and writes: tokenizer, chat template, tool calls.
public struct PolicyLanguage: Sendable {
  public let tokenizer: Tokenizer
  public let template: ChatTemplate
  public let conversation: ConversationEncoder
  public var toolCalls: ToolCallParser { conversation.options.toolCallFormat }

  /// Puts the parts together.
  /// - Throws: `ConversationError` if the template and the tokenizer do not say what ends a turn.
  public init(tokenizer: Tokenizer, template: ChatTemplate, options: ConversationEncoder.Options) throws {
    self.tokenizer = tokenizer
    self.template = template
    conversation = try ConversationEncoder(tokenizer: tokenizer, template: template, options: options)
  }

  /// Reads the language of a policy folder, checkpoint, run or `.gguf` file, without its weights.
  public init(path: String) throws {
    try self.init(source: try ModelFile.tokenizerSource(of: PolicyPath.resolve(path)))
  }

  /// Reads the language that a model file carries.
  public init(source: TokenizerSource) throws {
    switch source {
    case .gguf(let metadata): try self.init(gguf: metadata)
    case .folder(let folder): try self.init(folder: folder)
    }
  }

  /// The language of a small policy for tools: one token per byte, one for each piece of markup, and one for each name
  /// of a tool or parameter, so that its episodes stay short.
  public static func small(tools: [ToolSchema]) throws -> PolicyLanguage {
    let names = tools.flatMap { tool in
      [tool.name] + (tool.parameters["properties"]?.objectValue.map { Array($0.keys) } ?? [])
    }
    var pieces = ["<tool_call>", "</tool_call>", "{\"name\":\"", "\",\"arguments\":{\"", "\":\"", "\"}}"]
    for name in names where name.utf8.count > 1 && !pieces.contains(name) { pieces.append(name) }
    let tokenizer = try Tokenizer.byteLevel(
      specialTokens: ChatTemplate.compactSpecialTokens, ordinaryTokens: pieces,
      endOfSequence: ChatTemplate.compactSpecialTokens[0])
    var options = ConversationEncoder.Options()
    options.toolPresentation = .omitted
    return try PolicyLanguage(tokenizer: tokenizer, template: .compact, options: options)
  }

  /// The text of what was sampled, without the token that ended the turn.
  public func text(of generation: Generation) -> String {
    tokenizer.decode(generation.finish == .stop ? generation.ids.dropLast() : generation.ids[...])
  }

  // MARK: Sources

  private init(gguf metadata: [String: GGUFValue]) throws {
    func int(_ key: String) -> Int? { metadata["tokenizer.ggml.\(key)"]?.intValue }
    let vocabulary = GGUFVocabulary(
      model: metadata["tokenizer.ggml.model"]?.stringValue ?? "none",
      preTokenizer: metadata["tokenizer.ggml.pre"]?.stringValue ?? "default",
      tokens: metadata["tokenizer.ggml.tokens"]?.stringsValue ?? [],
      tokenTypes: metadata["tokenizer.ggml.token_type"]?.intsValue ?? [],
      merges: metadata["tokenizer.ggml.merges"]?.stringsValue ?? [],
      beginOfSequenceID: int("bos_token_id"), endOfSequenceID: int("eos_token_id"),
      unknownID: int("unknown_token_id"),
      addsBeginOfSequence: metadata["tokenizer.ggml.add_bos_token"]?.boolValue ?? false)
    let template = try metadata["tokenizer.chat_template"]?.stringValue.map(ChatTemplate.init(source:))
    try self.init(
      tokenizer: Tokenizer(gguf: vocabulary), template: template ?? ChatTemplate.chatML,
      options: ConversationEncoder.Options())
  }

  private init(folder: String) throws {
    let configuration = try Self.json("\(folder)/tokenizer_config.json")
    guard let tokenizer = try Self.json("\(folder)/tokenizer.json") else {
      throw PolicyLanguageError.missing(path: "\(folder)/tokenizer.json")
    }
    let file = FileManager.default.contents(atPath: "\(folder)/chat_template.jinja")
    let source = file.map { String(decoding: $0, as: UTF8.self) } ?? configuration?["chat_template"]?.stringValue
    try self.init(
      tokenizer: Tokenizer(json: tokenizer, configuration: configuration),
      template: try source.map(ChatTemplate.init(source:)) ?? ChatTemplate.chatML,
      options: try Self.options(try Self.json("\(folder)/\(Self.optionsFile)"), path: folder))
  }

  private static func json(_ path: String) throws -> JSONValue? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    do {
      return try JSONValue(parsing: [UInt8](data))
    } catch {
      throw PolicyLanguageError.malformed(path: path, reason: "\(error)")
    }
  }

  // MARK: Checkpoints

  private static let optionsFile = "conversation.json"

  /// Writes `tokenizer.json`, `tokenizer_config.json` and `chat_template.jinja`, as Hugging Face libraries read them, and
  /// how tools are shown and called in `conversation.json`.
  public func save(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let files: [(String, String)] = [
      ("tokenizer.json", tokenizer.json.serialized()),
      ("tokenizer_config.json", tokenizer.configurationJSON(chatTemplate: template.source).serialized()),
      ("chat_template.jinja", template.source),
      (
        Self.optionsFile,
        ([
          "tool_presentation": .string(conversation.options.toolPresentation.rawValue),
          "tool_call_format": .string(toolCalls.rawValue),
        ] as JSONValue).serialized()
      ),
    ]
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
    }
  }

  private static func options(_ json: JSONValue?, path: String) throws -> ConversationEncoder.Options {
    var options = ConversationEncoder.Options()
    guard let json else { return options }
    do {
      var fields = try JSONFields(json)
      options.toolPresentation = try fields.rawValue("tool_presentation")
      options.toolCallFormat = try fields.rawValue("tool_call_format")
      try fields.finish()
    } catch {
      throw PolicyLanguageError.malformed(path: "\(path)/\(optionsFile)", reason: "\(error)")
    }
    return options
  }
}

/// Why a policy's language cannot be read.
public enum PolicyLanguageError: Error, Sendable, Equatable, CustomStringConvertible {
  case missing(path: String)
  case malformed(path: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let path): "\(path) is missing: a policy folder needs its tokenizer beside the weights"
    case .malformed(let path, let reason): "\(path): \(reason)"
    }
  }
}
