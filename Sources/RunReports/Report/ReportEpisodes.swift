import AgentCore
import TerminalOutput

/// Sample episodes, turn by turn: what the policy wrote, what it got back, what it was credited with.
struct ReportEpisodes {
  let titles: [String]
  let samples: [[SampleEpisode]]

  var html: HTML {
    guard samples.contains(where: { !$0.isEmpty }) else { return "" }
    // One scale for all, so that colours can be compared between episodes.
    let largest = samples.joined().compactMap(\.advantages).joined().map(\.magnitude).max() ?? 0
    // The first success and the first failure are unfolded.
    var unfolded = 0
    let parts = zip(titles, samples).map { title, episodes -> HTML in
      let list = episodes.map { episode -> HTML in
        unfolded += 1
        return ReportEpisode(episode: episode, largestAdvantage: largest).html(isOpen: unfolded <= 2)
      }
      return "<h3 class=\"step-name\">\(title)</h3>\(HTML(list))"
    }
    return """
      <section><h2>Episodes</h2><p>Successes beside failures, of the same task where there were both. Beside each turn: \
      its reward, and the advantage that the trainer gave it; green turns were made more likely, red ones less.</p>\
      \(HTML(parts))</section>
      """
  }
}

/// One episode.
struct ReportEpisode {
  let episode: SampleEpisode
  let largestAdvantage: Double

  /// Longer recorded texts are cut, and say so.
  private static let longestText = 12_000

  private var trajectory: Trajectory { episode.trajectory }

  func html(isOpen: Bool) -> HTML {
    let verdict: HTML =
      switch trajectory.outcome?.isSuccess {
      case true?: "<span class=\"verdict good\">✓ success</span>"
      case false?: "<span class=\"verdict bad\">✗ failure</span>"
      case nil: "<span class=\"verdict warn\">open</span>"
      }
    let category = trajectory.task.category.isEmpty ? "" : " · \(trajectory.task.category)"
    let count = trajectory.turns.count == 1 ? "1 turn" : "\(trajectory.turns.count) turns"
    let end = trajectory.outcome.map { " · \($0.termination.rawValue)" } ?? ""
    return """
      <details class="episode"\(isOpen ? " open" as HTML : "")><summary>\(verdict)\
      <span>\(trajectory.task.id)\(category)</span><span class="end">return \
      \(NumberText.signed(trajectory.totalReturn, 2)) · \(count)\(end)</span></summary><div class="talk">
      \(HTML(trajectory.messages.map(message)))\(HTML(trajectory.turns.map(turn)))\(outcome)</div></details>

      """
  }

  // MARK: Conversation

  private func message(_ message: Message) -> HTML {
    let who = message.name.map { "\(message.role.rawValue) \($0)" } ?? message.role.rawValue
    return said(by: who, "\(text(message.content))\(HTML(message.toolCalls.map(call)))")
  }

  private func said(by who: String, _ content: HTML) -> HTML {
    "<div class=\"say\"><b>\(who)</b><div class=\"text\" dir=\"auto\">\(content)</div></div>\n"
  }

  private func text(_ text: String) -> HTML {
    guard !text.isEmpty else { return "<span class=\"empty\">(no text)</span>" }
    let shown = text.prefix(Self.longestText)
    guard shown.endIndex < text.endIndex else { return "\(text)" }
    return "\(String(shown)) <span class=\"empty\">(\(text.count - shown.count) more characters)</span>"
  }

  private func call(_ call: ToolCall) -> HTML {
    "<code class=\"call\"><b>\(call.name)</b> \(call.arguments.serialized())</code>"
  }

  private func turn(_ turn: Turn) -> HTML {
    let action = turn.action
    let broken = action.malformedCalls.map {
      "<code class=\"call broken\"><b>not a call: \($0.reason)</b> \($0.text)</code>" as HTML
    }
    let cut: HTML? = action.finish == .length ? " <span class=\"tag warn\">cut at the token limit</span>" : nil
    // A turn of nothing but calls needs no remark that it has no text.
    let words = action.text.isEmpty && !(action.toolCalls.isEmpty && broken.isEmpty) ? "" : text(action.text)
    let policy = said(by: "policy", "\(words)\(cut)\(HTML(action.toolCalls.map(call)))\(HTML(broken))")
    return """
      <div class="turn\(tint(turn))"><div>\(policy)\(HTML(turn.observation.messages.map { observed($0, turn) }))</div>\
      <aside>\(credit(turn))</aside></div>
      """
  }

  private func observed(_ message: Message, _ turn: Turn) -> HTML {
    let result = turn.toolResults.first { $0.id == message.toolCallID }
    let status: HTML? = result.flatMap {
      $0.status == .ok ? nil : "<span class=\"tag bad\">\($0.status.rawValue)</span>"
    }
    let who = message.name.map { "\(message.role.rawValue) \($0)" } ?? message.role.rawValue
    return said(by: who, "\(status)\(text(message.content))")
  }

  // MARK: Credit

  private func advantage(_ turn: Turn) -> Double? {
    episode.advantages.flatMap { $0.indices.contains(turn.index) ? $0[turn.index] : nil }
  }

  /// How large the advantage is beside the largest one shown, in [0, 1].
  private func share(_ advantage: Double) -> Double {
    largestAdvantage > 0 ? min(1, advantage.magnitude / largestAdvantage) : 0
  }

  /// Closes the class attribute's value with the style that colours the turn.
  private func tint(_ turn: Turn) -> HTML {
    guard let advantage = advantage(turn), advantage != 0 else { return "" }
    let colour = advantage > 0 ? "good" : "bad"
    let depth = NumberText.fixed(0.04 + 0.2 * share(advantage), 3)
    return " tinted\" style=\"--tint:var(--\(colour)-rgb);--depth:\(depth)"
  }

  private func credit(_ turn: Turn) -> HTML {
    var lines: HTML = "<dl>"
    if let advantage = advantage(turn) {
      let width = 50 * share(advantage)
      lines += """
        <dt class="total">advantage</dt><dd class="total \(advantage < 0 ? "bad" : "good")">\
        \(NumberText.signed(advantage, 3))</dd><div class="bar"><i style="left:\(at: advantage < 0 ? 50 - width : 50)%;\
        width:\(at: width)%"></i></div>
        """
    }
    lines += "<dt class=\"total\">reward</dt><dd class=\"total\">\(NumberText.signed(turn.reward, 2))</dd>"
    lines += components(turn.rewardComponents)
    if let progress = turn.progress { lines += "<dt>progress before</dt><dd>\(NumberText.percent(progress, 0))</dd>" }
    if let count = turn.action.tokens?.ids.count { lines += "<dt>tokens</dt><dd>\(count)</dd>" }
    if turn.isMasked { lines += "<dt class=\"warn\">masked</dt><dd>not trained on</dd>" }
    lines += "</dl>"
    return lines
  }

  private func components(_ components: RewardComponents) -> HTML {
    HTML(components.map { "<dt>\($0.key)</dt><dd>\(NumberText.signed($0.value, 2))</dd>" })
  }

  private var outcome: HTML {
    guard let outcome = trajectory.outcome else { return "" }
    let estimator: HTML? = episode.estimator.map { "<dt>credit by</dt><dd>\($0)</dd>" }
    return """
      <div class="turn"><div class="say"><b>outcome</b><div>\(outcome.termination.rawValue) \
      <span class="note mono">\(trajectory.id)</span></div></div><aside><dl><dt class="total">outcome reward</dt>\
      <dd class="total">\(NumberText.signed(outcome.reward, 2))</dd>\(components(outcome.rewardComponents))\
      \(estimator)</dl></aside></div>
      """
  }
}
