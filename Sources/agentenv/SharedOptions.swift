import ArgumentParser
import BuiltinEnvironments
import EnvironmentKit
import TrajectoryStore

/// Which store.
struct StoreOption: ParsableArguments {
  @Option(help: "The trajectory store, a SQLite file.")
  var store = "agentenv.sqlite"

  /// Opens a store that must be there.
  func open() throws -> TrajectoryStore { try TrajectoryStore(path: store, mode: .existing) }
}

/// Machine-readable output.
struct JSONOption: ParsableArguments {
  @Flag(help: "Print JSON, for other programs.")
  var json = false
}

/// Which environments.
struct EnvironmentOptions: ParsableArguments {
  @Option(
    name: .customLong("env"), parsing: .singleValue,
    help: ArgumentHelp(
      "An environment's name, or the folder of its environment.yaml; repeatable.", valueName: "name|path"))
  var environments: [String] = []

  /// The built-in environments and those given by path, and the names that were given (all, if none).
  func load(sandboxes: Sandboxes = Sandboxes()) throws -> (registry: EnvironmentRegistry, names: [String]) {
    var registry = try EnvironmentRegistry.builtin(sandboxes: sandboxes)
    let names = try environments.map { try registry.resolve($0) }
    return (registry, names.isEmpty ? registry.names : names)
  }
}
