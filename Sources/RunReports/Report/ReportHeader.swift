import AgentCore
import TerminalOutput

/// The top of a report: what ran, what came of it, what stands out.
struct ReportHeader {
  let record: RunRecord

  var html: HTML {
    let status: HTML =
      record.isFinished ? "<b class=\"good\">finished</b>" : "<b class=\"warn\">not finished</b>"
    return """
      <header><div class="kicker">agentrl training run \(status)</div><h1>\(record.folder.name)</h1></header>
      \(lead)\(facts)\(findings)<div class="pair">\(results)\(recipe)</div>
      """
  }

  private var evaluations: [(name: String, result: EvaluationResult)] {
    let names = record.isFinished ? ("before", "after") : ("first", "latest")
    return [(names.0, record.before), (names.1, record.after)].compactMap { name, result in result.map { (name, $0) } }
  }

  private var lead: HTML {
    let rates = evaluations.compactMap(\.result.successRate)
    guard let first = rates.first, let last = rates.last else { return "" }
    let change: HTML =
      rates.count > 1
      ? "\(NumberText.percent(first)) <span>→</span> \(NumberText.percent(last))" : "\(NumberText.percent(first))"
    let when = record.isFinished ? "before and after" : rates.count > 1 ? "first and latest evaluation" : "so far"
    let caption = "success on held-out tasks, \(when)"
    return """
      <section class="lead"><div><div class="rise">\(change)</div><p>\(caption)</p></div>\
      \(IntervalPlot.html(evaluations))</section>
      """
  }

  private var facts: HTML {
    func count(_ value: Double?) -> String? { value.map(NumberText.abbreviated) }
    let digest = record.summary?["policy_digest"]?.stringValue
    let seed = record.summary?["seed"].map { $0.stringValue ?? $0.serialized() } ?? record.recipeValue("seed")
    let steps = record.summary?["steps"]?.intValue ?? record.rows(.train).count
    let items: [(String, String?)] = [
      ("Steps", "\(steps)"),
      ("Warm-up steps", record.rows(.warmup).isEmpty ? nil : "\(record.rows(.warmup).count)"),
      ("Wall time", record.total("wall_seconds", orSumOf: "step_seconds").map(NumberText.duration(seconds:))),
      ("Rollout tokens", count(record.total("rollout_tokens", orSumOf: "policy_tokens"))),
      ("Train tokens", count(record.total("train_tokens"))),
      ("Episodes recorded", record.episodes.isEmpty ? nil : "\(record.episodes.count)"), ("Seed", seed),
    ]
    let list = items.compactMap { name, value in
      value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>" as HTML }
    }
    let policy: HTML? = digest.map {
      "<div><dt>Policy digest</dt><dd class=\"mono\" title=\"\($0)\">\(Self.shortDigest($0))</dd></div>"
    }
    return "<dl class=\"facts\">\(HTML(list))\(policy)</dl>"
  }

  static func shortDigest(_ digest: String) -> String {
    let digits = digest.split(separator: ":").last.map(String.init) ?? digest
    return digits.count > 16 ? "\(digits.prefix(12))…" : digits
  }

  private var findings: HTML {
    let items = Findings(record: record).all.map { finding -> HTML in
      """
      <li><span class="sign \(finding.kind.rawValue)">\(finding.kind.sign)</span>\
      <div><b>\(finding.title)</b> <span>\(finding.detail)</span></div></li>
      """
    }
    return "<ul class=\"findings\">\(HTML(items))</ul>"
  }

  /// The numbers of an evaluation that the table shows, in its order.
  private static let measures: [(key: String, name: String, text: @Sendable (Double) -> String)] = [
    ("success_rate", "Success", { NumberText.percent($0) }),
    ("mean_return", "Mean return", { NumberText.fixed($0, 3) }),
    ("mean_turns", "Turns an episode", { NumberText.fixed($0, 2) }),
    ("tool_calls_per_episode", "Tool calls an episode", { NumberText.fixed($0, 2) }),
    ("invalid_call_rate", "Invalid calls", { NumberText.percent($0) }),
    ("episodes", "Episodes", { NumberText.fixed($0, 0) }),
  ]

  private var results: HTML {
    let evaluations = evaluations
    guard !evaluations.isEmpty else { return "" }
    let rows = Self.measures.compactMap { measure -> HTML? in
      let values = evaluations.map { $0.result.numbers[measure.key]?.doubleValue }
      guard values.contains(where: { $0 != nil }) else { return nil }
      let cells = zip(evaluations, values).map { evaluation, value -> HTML in
        let interval = measure.key == "success_rate" ? evaluation.result.interval : nil
        let range: HTML? = interval.map {
          "<small>\(NumberText.percent($0.low)) – \(NumberText.percent($0.high))</small>"
        }
        return "<td>\(value.map(measure.text) ?? "–")\(range)</td>"
      }
      return "<tr><td>\(measure.name)</td>\(HTML(cells))</tr>"
    }
    return """
      <section><h2>Held-out evaluation</h2><p>Small figures are 95% intervals.</p><table><thead><tr><th></th>\
      \(HTML(evaluations.map { "<th>\($0.name)</th>" }))</tr></thead><tbody>\(HTML(rows))</tbody></table></section>
      """
  }

  private var recipe: HTML {
    guard let recipe = record.recipe else { return "" }
    return """
      <section><h2>Recipe</h2><p>As resolved: file, defaults and <code>--set</code> together.</p>\
      <pre class="recipe">\(recipe)</pre></section>
      """
  }
}
