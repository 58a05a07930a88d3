import CalculatorEnvironment
import CodingEnvironment
import EnvironmentKit

extension EnvironmentRegistry {
  /// A registry of the environments that come with the programs.
  /// - Parameter sandboxes: where their code runs.
  /// - Throws: only if a built-in manifest is broken, which the tests rule out.
  public static func builtin(sandboxes: Sandboxes = Sandboxes()) throws -> EnvironmentRegistry {
    var registry = EnvironmentRegistry(sandboxes: sandboxes)
    try CalculatorEnvironment.register(in: &registry)
    try CodingEnvironment.register(in: &registry)
    return registry
  }
}
