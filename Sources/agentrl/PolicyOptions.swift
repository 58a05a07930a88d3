import AgentCore
import ArgumentParser
import EnvironmentKit
import Foundation
import PolicyOptimization
import Rollouts
import RunReports
import TerminalOutput

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
    name: .customLong("env-option"),
    help: "Set an option of the environment: --env-option digits=2 (repeatable; default: those of the policy's run).")
  var environmentOptions: [String] = []

  /// The environment of that name with the options given; where none are given and the policy comes from a run in this
  /// environment, with the run's own, so that it is asked what it was trained on.
  func selection(_ name: String, policy: String) throws -> EnvironmentSelection {
    if environmentOptions.isEmpty, let run = RunFolder.containing(policy),
      let recipe = try? Recipe(file: run.recipe), recipe.environment.name == name
    {
      let options = JSONValue.object(recipe.environment.options).serialized()
      Terminal.standardError.writeLine("agentrl: environment options of \(run.path): \(options)")
      return recipe.environment
    }
    return EnvironmentSelection(name: name, options: try assignedValues(environmentOptions, flag: "--env-option"))
  }
}

/// The values of repeated `key=value` arguments: JSON where the value is JSON, a text otherwise.
/// - Throws: `ValidationError` for an argument without a key.
func assignedValues(_ assignments: [String], flag: String) throws -> JSONObject {
  var values = JSONObject.empty
  for text in assignments {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ValidationError("\(flag) \(text): expected key=value")
    }
    let value = String(text[text.index(after: equals)...])
    // A value that is no JSON is meant as it stands: `system_prompt=Be brief`.
    values[String(text[..<equals])] = (try? JSONValue(parsing: value)) ?? .string(value)
  }
  return values
}

/// Refuses a number on the command line that is too small, before any work is done.
/// - Throws: `ValidationError`.
func require(_ name: String, _ value: Int, atLeast least: Int = 1) throws {
  guard value >= least else { throw ValidationError("--\(name) \(value): expected at least \(least)") }
}

/// Refuses a temperature that no distribution has.
func require(temperature: Double) throws {
  guard temperature.isFinite, temperature >= 0 else {
    throw ValidationError("--temperature \(temperature): expected 0 (most likely token) or more")
  }
}

/// The lines of standard input that are not blank, each a JSON object, with their line numbers.
func standardInputRecords() throws -> [(line: Int, record: JSONValue)] {
  var records: [(line: Int, record: JSONValue)] = []
  var number = 0
  while let line = readLine() {
    number += 1
    guard !line.allSatisfy(\.isWhitespace) else { continue }
    do {
      records.append((number, try JSONValue(parsing: line)))
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
