import ArgumentParser
import Configuration
import Sandbox

/// How programs are to be kept apart, and which languages there are.
struct SandboxOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What has to be given: required (either mode, caller's files out of reach), full, or best_effort.",
      valueName: "required|full|best_effort"))
  var isolation = IsolationRequirement.required

  @Option(
    name: .customLong("language-file"), parsing: .singleValue,
    help: ArgumentHelp("A language of your own: a YAML file, or a folder of them; repeatable.", valueName: "path"))
  var languageFiles: [String] = []

  func configuration() throws -> SandboxConfiguration {
    var configuration = SandboxConfiguration()
    configuration.isolation = isolation
    for path in languageFiles { try configuration.languages.load(path) }
    return configuration
  }
}

extension IsolationRequirement: ExpressibleByArgument {}
