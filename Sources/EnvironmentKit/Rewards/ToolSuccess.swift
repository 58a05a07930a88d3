/// `tool_call_ok`: 1 if the turn called at least one tool and every call ended `ok`, else 0.
public struct ToolSuccess: TurnReward {
  public init() {}

  public func score(_ turn: EpisodeTurn, in episode: Episode) -> Double {
    let isClean = turn.complaints.isEmpty && turn.toolResults.allSatisfy { $0.status == .ok }
    return !turn.toolResults.isEmpty && isClean ? 1 : 0
  }
}
