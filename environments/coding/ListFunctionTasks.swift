import AgentCore
import EnvironmentKit

/// Seeded tasks without end: a description of a list function, and hidden tests.
///
/// A hash of the function decides its split (80% train, 10% validation, 10% test), whatever the seed: a function that is
/// tested was never trained on.
public struct ListFunctionTasks: TaskSource {
  private let seed: Int
  /// Hidden tests of one task.
  private let tests: Int
  /// Draws until one falls into the wanted split; one in ten does in the smallest.
  private static let maxDraws = 2000

  public init(seed: Int, tests: Int = 8) {
    self.seed = seed
    self.tests = tests
  }

  public func count(of split: Split) -> Int? { nil }

  public func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
    guard index >= 0 else {
      throw EnvironmentError.noTask(environment: "list_functions", split: split, index: index, count: Int.max)
    }
    var random = RandomStream(
      seed: seed, purpose: "list functions", Split.allCases.firstIndex(of: split) ?? 0, index)
    for _ in 0..<Self.maxDraws {
      let function = ListFunction(random: &random)
      if Self.split(of: function) == split { return task(function, split, index, &random) }
    }
    throw EnvironmentError.badTask(id: "\(split.rawValue)-\(index)", reason: "no function of this split was drawn")
  }

  private func task(
    _ function: ListFunction, _ split: Split, _ index: Int, _ random: inout RandomStream
  ) -> EnvironmentTask {
    let example = Self.values(6, &random)
    // The empty list first: it is what solutions forget.
    let lists = (0..<tests).map { $0 == 0 ? [] : Self.values(1 + random.below(10), &random) }
    let tests = lists.map { "assert solve(\($0)) == \(function.expected(for: $0))" }
    let question =
      "Write a Python function `solve(values)` that \(function.description). "
      + "For example, solve(\(example)) is \(function.expected(for: example))."
    let name = ContentDigest.of(question).split(separator: ":").last?.prefix(8) ?? ""
    return EnvironmentTask(
      id: "\(split.rawValue)-\(index)-\(name)", split: split, category: "list_functions",
      difficulty: Double(function.steps - 1) / 2,
      payload: [
        "question": .string(question), "test_code": .array(tests.map(JSONValue.string)),
        "solution": .string(function.source),
      ])
  }

  private static func values(_ count: Int, _ random: inout RandomStream) -> [Int] {
    (0..<count).map { _ in random.below(41) - 20 }
  }

  static func split(of function: ListFunction) -> Split {
    var random = RandomStream(seed: 0, purpose: "list function split", coordinates: function.coordinates)
    let place = random.uniform()
    return place < 0.8 ? .train : place < 0.9 ? .validation : .test
  }
}
