import EnvironmentKit

/// The `calculator` environment: arithmetic problems, a calculator, and a reward for the exact answer.
///
/// Its manifest is `environment.yaml`; what it adds to the standard parts is the task generator `arithmetic` and the
/// oracle `calculator`.
public enum CalculatorEnvironment {
  /// The manifest that is built into the program.
  public static var manifest: String { String(decoding: PackageResources.environment_yaml, as: UTF8.self) }

  /// Adds the environment and its parts.
  public static func register(in registry: inout EnvironmentRegistry) throws {
    registry.parts.generators["arithmetic"] = { section, seed in
      ArithmeticTasks(options: try ArithmeticOptions(&section), seed: seed)
    }
    registry.parts.oracles["calculator"] = CalculatorOracle()
    try registry.add(manifest: manifest, source: "calculator/environment.yaml")
  }
}
