/// `invalid_call`: how many calls of the turn could not be run: malformed, unknown tool, arguments that do not fit.
public struct InvalidCall: TurnReward {
  public init() {}

  public func score(_ turn: EpisodeTurn, in episode: Episode) -> Double { Double(turn.invalidCalls) }
}
