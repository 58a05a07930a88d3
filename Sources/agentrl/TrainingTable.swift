import AgentCore
import PolicyOptimization
import RunReports
import TerminalOutput

/// What a person sees at the end of a run: success before and after, where things are, and what to do next.
struct TrainingTable {
  let run: TrainingRun
  let summary: RunSummary

  var text: String {
    var table = TextTable([
      .left("held-out \(run.recipe.evaluation.split.rawValue) tasks"), .right("success"), .right("95% interval"),
      .right("return"), .right("turns"),
    ])
    if let before = summary.before { table.add(row("before reinforcement learning", before)) }
    table.add(row("after \(summary.steps) steps", summary.after.json))
    let folder = run.folder.path
    let episode = "after-\(run.recipe.evaluation.split.rawValue)-0000"
    return """

      \(table.rendered())
      \(NumberText.duration(seconds: summary.wallSeconds)) · \(NumberText.abbreviated(Double(summary.rolloutTokens))) \
      tokens sampled · \(NumberText.abbreviated(Double(summary.trainTokens))) tokens trained on · weights \
      \(summary.policyDigest.prefix(19))…

      run folder      \(folder)  (open report.html)
      look at one     \(programs)agentenv trajectories show \(episode) --store \(folder)/trajectories.sqlite
      replay it       \(programs)agentenv replay \(episode) --verify --store \(folder)/trajectories.sqlite
      chat            \(programs)agentrl chat --policy \(folder) --env \(run.recipe.environment.name)
      """
  }

  /// What stands before a program's name where this one was called by its path, so that the lines can be copied.
  private var programs: String {
    let called = CommandLine.arguments.first ?? ""
    return called.lastIndex(of: "/").map { String(called[...$0]) } ?? ""
  }

  private func row(_ name: String, _ result: JSONValue) -> [String] {
    let interval = result["ci95"]?.arrayValue?.compactMap(\.doubleValue) ?? []
    return [
      name, NumberText.percent(result["success_rate"]?.doubleValue ?? 0),
      interval.map { NumberText.percent($0) }.joined(separator: " – "),
      NumberText.fixed(result["mean_return"]?.doubleValue ?? 0, 3),
      NumberText.fixed(result["mean_turns"]?.doubleValue ?? 0, 2),
    ]
  }
}
