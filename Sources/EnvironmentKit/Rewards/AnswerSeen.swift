import AgentTools

/// `answer_seen`: progress is 1 once a tool has returned the task's (numeric or literal) answer, else 0.
public struct AnswerSeen: ProgressMeasure {
  public init() {}

  public func progress(of episode: Episode) -> Double {
    guard let expected = try? episode.expectedAnswer() else { return 0 }
    let number = Rational(decimal: expected)
    let isSeen = episode.turns.contains { turn in
      turn.toolResults.contains { result in
        result.status == .ok
          && (result.content == expected
            || (number != nil && Rational(decimal: result.content, maxDigits: 100) == number))
      }
    }
    return isSeen ? 1 : 0
  }
}
