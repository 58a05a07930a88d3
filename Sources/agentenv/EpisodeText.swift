import AgentCore
import TerminalOutput

/// An episode for people: turn by turn, who said what, what the tools answered, what it was worth.
enum EpisodeText {
  static func text(_ trajectory: Trajectory) -> String {
    var parts = [header(trajectory)]
    parts += trajectory.messages.map(message)
    parts += trajectory.turns.map(turn)
    parts.append(end(trajectory))
    return parts.joined(separator: "\n")
  }

  /// A message with its role.
  static func message(_ message: Message) -> String {
    let style: Terminal.Style =
      switch message.role {
      case .system: .dim
      case .user: .blue
      case .assistant: .green
      case .tool: .cyan
      }
    let name = message.name.map { " \($0)" } ?? ""
    var lines = ["\(Terminal.standardOutput.styled("\(message.role.rawValue)\(name)", style))"]
    if !message.content.isEmpty { lines.append(indented(message.content)) }
    lines += message.toolCalls.map { indented("→ \($0.name) \($0.arguments.serialized())") }
    return lines.joined(separator: "\n")
  }

  private static func header(_ trajectory: Trajectory) -> String {
    let task = trajectory.task
    let name = Terminal.standardOutput.styled("trajectory \(TerminalText.harmless(trajectory.id))", .bold)
    var lines = [
      "\(trajectory.environment.name) \(trajectory.environment.version)",
      "task \(task.id) (\(task.split.rawValue)\(task.category.isEmpty ? "" : ", \(task.category)")), seed "
        + "\(trajectory.seed)",
    ]
    if let group = trajectory.groupID { lines.append("group \(group)") }
    if let policy = trajectory.policy { lines.append("policy \(policy.name), version \(policy.version)") }
    return "\(name)  " + TerminalText.harmless(lines.joined(separator: "\n")) + "\n"
  }

  private static func turn(_ turn: Turn) -> String {
    let tokens = turn.action.tokens.map { ", \($0.ids.count) tokens" } ?? ""
    var lines = [
      "",
      Terminal.standardOutput.styled("── turn \(turn.index)", .bold)
        + Terminal.standardOutput.styled(
          "  reward \(reward(turn.reward, turn.rewardComponents)), \(milliseconds(turn.duration))\(tokens)"
            + (turn.isMasked ? ", masked" : ""), .dim),
      message(turn.action.message),
    ]
    for call in turn.action.malformedCalls {
      lines.append(indented("→ \(Terminal.standardOutput.styled("malformed", .red)) \(call.text): \(call.reason)"))
    }
    for result in turn.toolResults {
      let status = Terminal.standardOutput.styled(result.status.rawValue, result.status == .ok ? .green : .red)
      lines.append(Terminal.standardOutput.styled("tool", .cyan) + " \(status), \(milliseconds(result.duration))")
      lines.append(indented(result.content))
    }
    // Tool messages repeat the results.
    lines += turn.observation.messages.filter { $0.role != .tool }.map(message)
    return lines.joined(separator: "\n")
  }

  private static func end(_ trajectory: Trajectory) -> String {
    guard let outcome = trajectory.outcome else {
      return "\n" + Terminal.standardOutput.styled("── still open", .yellow)
    }
    let verdict =
      outcome.isSuccess
      ? Terminal.standardOutput.styled("success", .green) : Terminal.standardOutput.styled("no success", .red)
    return """

      \(Terminal.standardOutput.styled("── \(outcome.termination.rawValue)", .bold)), \(verdict), outcome reward \
      \(reward(outcome.reward, outcome.rewardComponents)), return \(number(trajectory.totalReturn))
      """
  }

  static func number(_ value: Double) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    return Int(exactly: rounded).map(String.init) ?? rounded.description
  }

  private static func reward(_ total: Double, _ components: RewardComponents) -> String {
    guard !components.isEmpty else { return number(total) }
    return "\(number(total)) (\(components.map { "\($0.key) \(number($0.value))" }.joined(separator: ", ")))"
  }

  private static func milliseconds(_ duration: Duration) -> String {
    "\(Double(duration.wholeMicroseconds / 10) / 100) ms"
  }

  private static func indented(_ text: String) -> String {
    TerminalText.harmless(text).split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
      .joined(separator: "\n")
  }
}
