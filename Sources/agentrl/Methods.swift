import AgentCore
import ArgumentParser
import PolicyOptimization

/// Lists the credit estimators.
struct Methods: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the credit estimators with their papers and options.")

  @Flag(help: "Print JSON.")
  var json = false

  func run() {
    if json {
      let methods = CreditMethods.all.map { method -> JSONValue in
        let options = JSONObject(uniqueKeysWithValues: method.options.map { ($0.name, JSONValue.string($0.meaning)) })
        return [
          "name": .string(method.name), "summary": .string(method.summary), "paper": .string(method.paper),
          "options": .object(options),
        ]
      }
      return print(JSONValue.array(methods).serialized())
    }
    for method in CreditMethods.all {
      print("\(method.name)\n    \(method.summary)\n    \(method.paper)")
      for option in method.options { print("    \(option.name) = \(option.meaning)") }
    }
  }
}
