import AgentCore
import AgentTools
import EnvironmentKit

/// Seeded arithmetic problems without end. The task of a split and index depends on nothing but the seed and the options.
///
/// Splits are disjoint in their operands: a hash of a problem's numbers, whatever their order and whatever is done with
/// them, says which split they belong to (80% train, 10% validation, 10% test). The hash does not depend on the seed, so
/// a test problem's numbers are never together in a training problem, under any seed or options.
public struct ArithmeticTasks: TaskSource {
  private let options: ArithmeticOptions
  private let seed: Int
  /// Draws until one falls into the wanted split; one in ten does in the smallest.
  private static let maxDraws = 2000

  public init(options: ArithmeticOptions, seed: Int) {
    self.options = options
    self.seed = seed
  }

  public func count(of split: Split) -> Int? { nil }

  public func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
    guard index >= 0 else {
      throw EnvironmentError.noTask(environment: "arithmetic", split: split, index: index, count: Int.max)
    }
    let splitNumber = Split.allCases.firstIndex(of: split) ?? 0
    var random = RandomStream(seed: seed, purpose: "arithmetic", splitNumber, index)
    for _ in 0..<Self.maxDraws {
      guard let problem = ArithmeticProblem(options: options, random: &random),
        Self.split(of: problem.operands) == split
      else { continue }
      return Self.task(problem, split, index, style: options.style, random: &random)
    }
    throw EnvironmentError.badTask(
      id: "\(split.rawValue)-\(index)",
      reason: "no problem of this split found with these options: allow more digits, steps or operations")
  }

  private static func task(
    _ problem: ArithmeticProblem, _ split: Split, _ index: Int, style: ArithmeticStyle, random: inout RandomStream
  ) -> EnvironmentTask {
    let question =
      switch style {
      case .bare: "\(problem.expression)=?"
      case .words: ArithmeticStory.question(for: problem, random: &random)
      }
    let digest = ContentDigest()
    digest.update(question)
    return EnvironmentTask(
      id: "\(split.rawValue)-\(index)-\(digest.hexadecimal().prefix(8))", split: split, category: problem.category,
      difficulty: problem.difficulty,
      payload: [
        "question": .string(question), "expression": .string(problem.expression),
        "answer": .string(Calculator().text(for: problem.answer)),
        "operands": .array(problem.operands.map(JSONValue.init)),
      ])
  }

  /// Which split a problem with these numbers belongs to. A dividend is one of them.
  static func split(of operands: [Int]) -> Split {
    var random = RandomStream(seed: 0, purpose: "arithmetic split", coordinates: operands.sorted())
    let place = random.uniform()
    return place < 0.8 ? .train : place < 0.9 ? .validation : .test
  }
}
