import AgentCore
import ArgumentParser
import Foundation
import Rollouts

/// Text to token ids and back.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn text (stdin) into token ids, or ids into text with --decode.")

  @Option(help: "A policy folder, checkpoint or .gguf file; only its tokenizer is read.")
  var policy: String

  @Flag(help: "Read {\"token_ids\":[…]} and print {\"text\":\"…\"}.")
  var decode = false

  @Flag(help: "Read special tokens in the text as such.")
  var special = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let language = try PolicyLanguage(path: policy)
    let input = FileHandle.standardInput.readDataToEndOfFile()
    guard let text = String(validating: input, as: UTF8.self) else {
      throw InputError(line: 1, reason: "the text is not valid UTF-8")
    }
    if decode {
      let decoded = language.tokenizer.decode(try record(text).tokenIDs(line: 1))
      return print(json ? (["text": .string(decoded)] as JSONValue).serialized() : decoded)
    }
    let ids = language.tokenizer.encode(text, parseSpecial: special)
    if json {
      print((["token_ids": .array(ids.map { .int(Int64($0)) })] as JSONValue).serialized())
    } else {
      for id in ids { print("\(id)\t\(language.tokenizer.decode([id]).debugDescription)") }
    }
  }

  private func record(_ text: String) throws -> JSONValue {
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw InputError(line: 1, reason: "\(error)")
    }
  }
}
