/// `contains`: 1 if the task's answer stands somewhere in the final text, else 0.
public struct ContainsAnswer: OutcomeReward {
  public var ignoresCase: Bool

  public init(ignoresCase: Bool = false) {
    self.ignoresCase = ignoresCase
  }

  public func score(_ episode: Episode) throws -> Double {
    let expected = try episode.expectedAnswer()
    guard let answer = episode.answer else { return 0 }
    return (ignoresCase ? answer.lowercased().contains(expected.lowercased()) : answer.contains(expected)) ? 1 : 0
  }
}
