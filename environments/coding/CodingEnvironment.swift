import EnvironmentKit

/// The `coding` environment: small Python functions, a sandboxed interpreter to try them in, and hidden tests.
///
/// Its manifest is `environment.yaml`; what it adds to the standard parts is the task generator `list_functions` and the
/// oracle `coding`.
public enum CodingEnvironment {
  /// The manifest that is built into the program.
  public static var manifest: String { String(decoding: PackageResources.environment_yaml, as: UTF8.self) }

  /// Adds the environment and its parts.
  public static func register(in registry: inout EnvironmentRegistry) throws {
    registry.parts.generators["list_functions"] = { section, seed in
      ListFunctionTasks(seed: seed, tests: try section.int("tests", default: 8, in: 1...1000))
    }
    registry.parts.oracles["coding"] = CodingOracle()
    try registry.add(manifest: manifest, source: "coding/environment.yaml")
  }
}
