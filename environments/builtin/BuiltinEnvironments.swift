import CalculatorEnvironment
import EnvironmentKit

extension EnvironmentRegistry {
  /// A registry of the environments that come with the programs.
  /// - Throws: only if a built-in manifest is broken, which the tests rule out.
  public static func builtin() throws -> EnvironmentRegistry {
    var registry = EnvironmentRegistry()
    try CalculatorEnvironment.register(in: &registry)
    return registry
  }
}
