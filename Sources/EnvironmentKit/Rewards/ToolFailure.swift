/// `tool_error`: how many calls of the turn were run (or refused) and did not end `ok`. Invalid calls are counted by
/// `invalid_call`, not here.
public struct ToolFailure: TurnReward {
  public init() {}

  public func score(_ turn: EpisodeTurn, in episode: Episode) -> Double {
    let failed = turn.toolResults.count { $0.status != .ok }
    return Double(max(0, failed - (turn.invalidCalls - turn.complaints.count)))
  }
}
