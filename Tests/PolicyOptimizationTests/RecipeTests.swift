import AgentCore
import Configuration
import PolicyOptimization
import Testing

@Suite("Recipes")
struct RecipeTests {
  private static let minimal = """
    name: test
    policy: {random: {layers: 2, width: 32, heads: 2}}
    environment: {name: calculator, options: {digits: 2}}
    """

  private func recipe(_ text: String, _ assignments: [String] = []) throws -> Recipe {
    var document = try ConfigurationDocument(text: text, source: "test.yaml")
    for assignment in assignments { try document.set(assignment) }
    return try Recipe(document)
  }

  @Test("the resolved recipe reads back as itself")
  func resolved() throws {
    let text = Self.minimal + "\nwarmup: {episodes: 10, stop_at_success: 0.4}\n"
    let first = try recipe(text, ["algorithm.estimator=gigpo", "algorithm.estimator_options={omega: 0.5}"])
    let second = try recipe(try first.resolved.yaml())
    #expect(second.resolved == first.resolved)
    #expect(second.credit.options == ["omega": 0.5])
  }

  @Test(
    "mistakes are refused with the key and what would be right",
    arguments: [
      ("rollout: {group_sise: 4}", "rollout.group_sise: unknown key; did you mean `group_size`?"),
      ("algorithm: {estimator: gipgo}", "algorithm.estimator: there is no estimator `gipgo`; did you mean `gigpo`?"),
      ("algorithm: {estimator_options: {gama: 1}}", "algorithm.estimator_options: turn_return.gama: unknown field"),
      (
        "algorithm: {ratio: tokens}",
        "algorithm.ratio: `tokens` is none of token, turn, sequence; did you mean `token`?"
      ),
      ("trainig: {steps: 1}", "trainig: unknown key; did you mean `training`?"),
      ("training: {steps: -1}", "training.steps: -1 is outside 0 to 10000000"),
      ("optimizer: {learning_rate: fast}", "optimizer.learning_rate: expected a number, found `fast`"),
    ])
  func mistakes(text: String, message: String) {
    #expect {
      try recipe(Self.minimal + "\n" + text)
    } throws: { "\($0)".hasSuffix(message) }
  }

  @Test("a policy comes from a file or from a shape, not from both or neither")
  func policySource() throws {
    #expect(throws: ConfigurationError.self) { try recipe(Self.minimal, ["policy.path=x.gguf"]) }
    #expect(throws: ConfigurationError.self) { try recipe("name: x\nenvironment: {name: calculator}") }
    #expect(throws: ConfigurationError.self) { try recipe(Self.minimal, ["policy.random.heads=3"]) }
  }

  @Test("the learning rate rises over the ramp and falls to its last fraction")
  func schedule() throws {
    let optimizer = try recipe(
      Self.minimal + "\noptimizer: {learning_rate: 0.1, ramp_steps: 4, final_fraction: 0.5}"
    ).optimizer
    #expect(abs(optimizer.learningRate(step: 0, of: 101) - 0.025) < 1e-12)
    #expect(abs(optimizer.learningRate(step: 100, of: 101) - 0.05) < 1e-12)
    #expect(abs(optimizer.learningRate(step: 50, of: 101) - 0.075) < 1e-12)
  }
}
