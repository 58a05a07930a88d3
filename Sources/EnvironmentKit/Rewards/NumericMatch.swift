import AgentCore
import AgentTools

/// `numeric_match`: 1 if the answer's number equals the task's exactly, else 0.
///
/// The answer's number is the last one in the final text; with `anywhere: true` any number in it counts. Numbers are
/// compared as exact fractions, so `0.50`, `.5` and `1/2` are equal; `1,234` counts as 1234. A number that the calculator
/// rounded is not equal to the exact one.
public struct NumericMatch: OutcomeReward {
  public var anywhere: Bool

  public init(anywhere: Bool = false) {
    self.anywhere = anywhere
  }

  public func score(_ episode: Episode) throws -> Double {
    let text = try episode.expectedAnswer()
    guard let expected = Rational(decimal: text) else {
      throw EnvironmentError.badTask(id: episode.task.id, reason: "its answer `\(text)` is not a number")
    }
    guard let answer = episode.answer else { return 0 }
    let numbers = NumberScanner.numbers(in: answer)
    return (anywhere ? numbers.contains(expected) : numbers.last == expected) ? 1 : 0
  }
}
