/// `exact_match`: 1 if the final text is the task's answer, white space around both ignored, else 0.
public struct ExactMatch: OutcomeReward {
  public var ignoresCase: Bool

  public init(ignoresCase: Bool = false) {
    self.ignoresCase = ignoresCase
  }

  public func score(_ episode: Episode) throws -> Double {
    let expected = try episode.expectedAnswer().trimmed
    guard let answer = episode.answer?.trimmed else { return 0 }
    return (ignoresCase ? answer.lowercased() == expected.lowercased() : answer == expected) ? 1 : 0
  }
}

extension String {
  /// Without the white space at both ends.
  var trimmed: String {
    guard let start = firstIndex(where: { !$0.isWhitespace }), let end = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[start...end])
  }
}
