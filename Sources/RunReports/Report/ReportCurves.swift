/// The curves of a report.
struct ReportCurves {
  let record: RunRecord

  var html: HTML {
    let training = [
      success, reward,
      single("Loss", "loss", "the policy objective that is minimised"),
      single("Entropy", "entropy", "of the policy's token distribution, in nats; near 0 it no longer explores"),
      single("Gradient norm", "gradient_norm", "before clipping", includes: [0]),
      single("Advantage size", "advantage_abs_mean", "mean absolute advantage; at 0 there is nothing to learn from"),
      speed, time,
      single(
        "Largest log-probability gap", "max_logprob_gap", "rollout against training, same tokens and weights",
        smooths: false),
      single(
        "Clipped tokens", "clip_fraction", "share of tokens outside the trust region", unit: .percent, includes: [0]),
      episodes,
      single("Learning rate", "learning_rate", "as scheduled", includes: [0], smooths: false),
    ].compactMap { $0?.html() }
    let warmup = [
      single("Warm-up loss", "loss", "cross-entropy on recorded episodes", phase: .warmup),
      single("Warm-up gradient norm", "gradient_norm", "before clipping", phase: .warmup, includes: [0]),
      single("Warm-up speed", "train_tokens_per_second", "trained tokens a second", phase: .warmup, includes: [0]),
    ].compactMap { $0?.html() }
    var html: HTML = ""
    if !training.isEmpty {
      html += """
        <section><h2>Training</h2><p>By step. Thin lines are single steps, bold ones a running mean.</p>\
        <div class="charts">\(HTML(training))</div></section>
        """
    }
    if !warmup.isEmpty {
      html += """
        <section><h2>Warm-up</h2><p>Imitation of recorded episodes before reinforcement learning.</p>\
        <div class="charts">\(HTML(warmup))</div></section>
        """
    }
    return html
  }

  // MARK: Charts

  private var success: LineChart? {
    var series = smoothed("training episodes", record.points("success_rate"))
    let rows = record.rows(.train).filter { $0["eval_success_rate"] != nil }
    let intervals = rows.compactMap { row in
      row["eval_ci95_low"].flatMap { low in row["eval_ci95_high"].map { Interval(low: low, high: $0) } }
    }
    series.append(
      LineChart.Series(
        name: "held-out evaluation", points: record.points("eval_success_rate"), style: .marked, colour: 2,
        intervals: intervals.count == rows.count ? intervals : []))
    return LineChart(
      title: "Success", caption: "share of episodes; bars are 95% intervals", series: series, unit: .percent,
      includes: [0, 1])
  }

  private var reward: LineChart? {
    let key = record.points("reward_mean").isEmpty ? "return_mean" : "reward_mean"
    let series = smoothed("mean", record.points(key))
    return LineChart(title: "Training reward", caption: "mean over the episodes of a step", series: series)
  }

  private var speed: LineChart? {
    LineChart(
      title: "Speed", caption: "tokens a second, while rolling out and while training",
      series: [
        .init(name: "train", points: record.points("train_tokens_per_second"), style: .line, colour: 2),
        .init(name: "rollout", points: record.points("rollout_tokens_per_second"), style: .line, colour: 1),
      ], includes: [0])
  }

  private var time: LineChart? {
    let rollout = record.points("rollout_seconds")
    let train = record.points("train_seconds")
    let other = record.rows(.train).compactMap { row -> ChartPoint? in
      guard let all = row["step_seconds"], let rollout = row["rollout_seconds"], let train = row["train_seconds"]
      else { return nil }
      return ChartPoint(x: Double(row.step), y: max(0, all - rollout - train))
    }
    return LineChart(
      title: "Where the time goes", caption: "seconds a step",
      series: [
        .init(name: "rollout", points: rollout, style: .line, colour: 1),
        .init(name: "train", points: train, style: .line, colour: 2),
        .init(name: "other", points: other, style: .line, colour: 3),
      ], unit: .seconds, includes: [0], isStacked: true)
  }

  private var episodes: LineChart? {
    LineChart(
      title: "Turns an episode", caption: "mean over the episodes of a step",
      series: smoothed("turns", record.points("turns_mean")), includes: [0])
  }

  private func single(
    _ title: String, _ key: String, _ caption: String, phase: RunPhase = .train, unit: LineChart.Unit = .number,
    includes: [Double] = [], smooths: Bool = true
  ) -> LineChart? {
    let points = record.points(key, phase)
    let raw = LineChart.Series(name: title.lowercased(), points: points, style: .line)
    return LineChart(
      title: title, caption: caption, series: smooths ? smoothed(title.lowercased(), points) : [raw], unit: unit,
      includes: includes)
  }

  /// The series with its running mean once there are enough steps to need one.
  private func smoothed(_ name: String, _ points: [ChartPoint]) -> [LineChart.Series] {
    guard points.count >= 30 else { return [.init(name: name, points: points, style: .line)] }
    let window = max(5, points.count / 20)
    return [
      .init(name: "single steps", points: points, style: .faint),
      .init(name: name, points: LineChart.runningMean(points, window: window), style: .line),
    ]
  }
}
