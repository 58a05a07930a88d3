import AgentCore
import ArgumentParser
import EnvironmentKit
import Foundation
import PolicyOptimization
import Rollouts

/// `--policy` and how many threads it may use.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: "A folder with safetensors, config.json and tokenizer.json, a checkpoint or folder of a run, or a .gguf file."
  )
  var policy: String

  @Option(help: "Compute threads (default: every core).")
  var threads = 0

  func load() throws -> LoadedPolicy { try LoadedPolicy(path: policy, threads: threads) }
}

/// Which environment, and what is set in it.
struct EnvironmentOptions: ParsableArguments {
  @Option(
    name: .customLong("env-option"), help: "Set an option of the environment: --env-option digits=2 (repeatable).")
  var environmentOptions: [String] = []

  func selection(_ name: String) throws -> EnvironmentSelection {
    var options = JSONObject.empty
    for text in environmentOptions {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw ValidationError("--env-option \(text): expected key=value")
      }
      let value = String(text[text.index(after: equals)...])
      options[String(text[..<equals])] = (try? JSONValue(parsing: value)) ?? .string(value)
    }
    return EnvironmentSelection(name: name, options: options)
  }
}

/// Lines of standard input, each a JSON object.
func standardInputRecords() throws -> [JSONValue] {
  var records: [JSONValue] = []
  var number = 0
  while let line = readLine() {
    number += 1
    guard !line.allSatisfy(\.isWhitespace) else { continue }
    do {
      records.append(try JSONValue(parsing: line))
    } catch {
      throw InputError(line: number, reason: "\(error)")
    }
  }
  return records
}

/// What is wrong with a line of input.
struct InputError: Error, CustomStringConvertible {
  let line: Int
  let reason: String

  var description: String { "standard input, line \(line): \(reason)" }
}

extension JSONValue {
  /// Token ids of an input record.
  func tokenIDs(line: Int) throws -> [Int32] {
    do {
      var fields = try JSONFields(self)
      guard let ids = try fields.optionalTokenIDs("token_ids") else {
        throw JSONError.value(reason: "missing", path: "token_ids")
      }
      return ids
    } catch {
      throw InputError(line: line, reason: "\(error)")
    }
  }
}
