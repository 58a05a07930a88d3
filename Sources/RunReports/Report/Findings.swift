import AgentCore
import TerminalOutput
import TrajectoryStore

/// Something that a reader of a run should know first.
struct Finding: Equatable {
  enum Kind: String {
    case good, bad, warn, note

    var sign: String {
      switch self {
      case .good: "✓"
      case .bad: "✗"
      case .warn: "!"
      case .note: "·"
      }
    }
  }

  var kind: Kind
  /// What was seen.
  var title: String
  /// What it means, and what to look at.
  var detail: String
}

/// Reads a run the way an experienced person does: did it learn, and if not, which number gave way first?
///
/// The thresholds are rules of thumb for what deserves a look, not proofs of a fault.
struct Findings {
  let record: RunRecord

  /// All that stands out, verdict first.
  var all: [Finding] {
    guard !record.rows.isEmpty else {
      return [
        Finding(
          kind: .note, title: "No step is recorded yet.", detail: "metrics.jsonl gets a line when the first step ends.")
      ]
    }
    return [
      verdict, unfinished, logprobGap, spikes, entropy, collapse, noSignal, clipping, invalidCalls, unsoundEpisodes,
    ].compactMap { $0 }
  }

  private var verdict: Finding? {
    guard let before = record.before, let after = record.after, let first = before.successRate,
      let last = after.successRate
    else { return nil }
    let change = "\(NumberText.percent(first)) to \(NumberText.percent(last))"
    guard let a = before.interval, let b = after.interval else {
      return Finding(kind: .note, title: "Held-out success went from \(change).", detail: "No intervals were recorded.")
    }
    if b.low > a.high {
      return Finding(
        kind: .good, title: "Held-out success rose from \(change).", detail: "The 95% intervals do not overlap.")
    }
    if b.high < a.low {
      return Finding(
        kind: .bad, title: "Held-out success fell from \(change).",
        detail: "Training made the policy worse. Look for the step where reward and success part.")
    }
    return Finding(
      kind: .warn, title: "Held-out success went from \(change), which may be chance.",
      detail: "The 95% intervals overlap. Train longer, or evaluate on more episodes.")
  }

  private var unfinished: Finding? {
    guard !record.isFinished, let last = record.rows.last else { return nil }
    let phase = last.phase == .warmup ? "of the warm-up " : ""
    return Finding(
      kind: .note, title: "The run has not finished.",
      detail: "The last step \(phase)recorded is \(last.step). It can be resumed from its last checkpoint.")
  }

  /// On-policy learning takes the gradient of the policy that acted: rollout and training must agree on its numbers.
  private var logprobGap: Finding? {
    guard let worst = record.points("max_logprob_gap").max(by: { $0.y < $1.y }), worst.y > 1e-4 else { return nil }
    return Finding(
      kind: .bad, title: "Rollout and training disagree on log-probabilities.",
      detail: """
        By up to \(NumberText.short(worst.y)) nats at step \(step(worst)), where they should agree to the bit: the \
        gradient is that of another policy than the one that acted.
        """)
  }

  private var spikes: Finding? {
    let points = record.points("gradient_norm")
    guard points.count >= 10, let worst = points.max(by: { $0.y < $1.y }) else { return nil }
    let median = Statistics.quantile(0.5, ofSorted: points.map(\.y).sorted())
    guard median > 0, worst.y > 10 * median else { return nil }
    return Finding(
      kind: .warn, title: "The gradient spiked at step \(step(worst)).",
      detail: "Its norm was \(NumberText.short(worst.y)), \(NumberText.fixed(worst.y / median, 0)) times the median.")
  }

  private var entropy: Finding? {
    let points = record.points("entropy")
    guard points.count >= 10, let start = average(points.prefix(5)), let end = average(points.suffix(5)), start > 0,
      end < 0.1 * start, (average(record.points("success_rate").suffix(5)) ?? 1) < 0.9
    else { return nil }
    return Finding(
      kind: .warn, title: "Entropy fell to \(NumberText.percent(end / start, 0)) of its start while tasks still fail.",
      detail: "The policy has stopped exploring. A lower learning rate or an entropy term keeps it open.")
  }

  private var collapse: Finding? {
    let points = record.points("success_rate")
    let window = 9
    // At the ends of the run the mean is over fewer steps, down to one, and a lucky step would look like a peak.
    let whole = LineChart.runningMean(points, window: window).dropFirst(window / 2).dropLast(window / 2)
    guard points.count >= 20, let best = whole.max(by: { $0.y < $1.y }), let end = average(points.suffix(window)),
      best.y - end > 0.15, !heldOutHeld
    else { return nil }
    return Finding(
      kind: .bad, title: "Success peaked near step \(step(best)) and then fell.",
      detail:
        "From \(NumberText.percent(best.y)) to \(NumberText.percent(end)) in training. The checkpoint there is better.")
  }

  /// Held-out tasks are the same at every measurement, those of a training step are not: where the former did not fall,
  /// easier and harder steps explain the latter.
  private var heldOutHeld: Bool {
    let measured = record.points("eval_success_rate").map(\.y)
    guard measured.count >= 2, let best = measured.max(), let last = measured.last else { return false }
    return best - last <= 0.1
  }

  private var noSignal: Finding? {
    let points = record.points("advantage_abs_mean")
    let silent = points.filter { $0.y < 1e-6 }
    guard points.count >= 5, Double(silent.count) > 0.3 * Double(points.count) else { return nil }
    return Finding(
      kind: .warn, title: "\(silent.count) of \(points.count) steps had no learning signal.",
      detail: "All returns in each group were equal: the tasks are too easy or too hard for this policy.")
  }

  private var clipping: Finding? {
    guard let mean = average(record.points("clip_fraction")[...]), mean > 0.3 else { return nil }
    return Finding(
      kind: .warn, title: "\(NumberText.percent(mean, 0)) of tokens were clipped on average.",
      detail: "The policy moves too far in one update. Lower the learning rate or take fewer passes over a batch.")
  }

  private var invalidCalls: Finding? {
    let points = record.points("invalid_call_rate")
    guard points.count >= 5, let end = average(points.suffix(5)), end > 0.2 else { return nil }
    return Finding(
      kind: .warn, title: "\(NumberText.percent(end, 0)) of tool calls were invalid at the end.",
      detail: "See the failures below for what the policy writes and what it was told.")
  }

  private var unsoundEpisodes: Finding? {
    let ended = record.episodes.suffix(500).compactMap(\.termination)
    let broken = ended.count { $0 == .environmentError || $0 == .timeout }
    let cut = ended.count { $0 == .maxTokens || $0 == .maxTurns }
    if broken > 0 {
      return Finding(
        kind: .warn, title: "\(broken) of the last \(ended.count) episodes ended in an error or a timeout.",
        detail: "That is the environment's side, not the policy's: `agentenv trajectories ls` lists them.")
    }
    guard ended.count >= 20, Double(cut) > 0.25 * Double(ended.count) else { return nil }
    return Finding(
      kind: .warn, title: "\(cut) of the last \(ended.count) episodes ran into a limit.",
      detail: "They were cut at the most turns or tokens allowed, before an answer.")
  }

  private func step(_ point: ChartPoint) -> String { NumberText.fixed(point.x, 0) }

  private func average(_ points: ArraySlice<ChartPoint>) -> Double? { Statistics.mean(points.map(\.y)) }
}
