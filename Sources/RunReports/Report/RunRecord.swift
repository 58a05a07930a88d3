import AgentCore
import Glibc
import TrajectoryStore

/// An evaluation as a report shows it. Every number may be missing: older and unfinished runs tell less.
struct EvaluationResult: Equatable {
  var successRate: Double?
  var interval: Interval?
  /// All numbers, under the names of the evaluation's JSON.
  var numbers: JSONObject

  /// Reads `{"success_rate":…,"ci95":[lo,hi],…}`.
  init?(json: JSONValue?) {
    guard let numbers = json?.objectValue else { return nil }
    self.numbers = numbers
    successRate = numbers["success_rate"]?.doubleValue
    if let bounds = numbers["ci95"]?.arrayValue, bounds.count == 2, let low = bounds[0].doubleValue,
      let high = bounds[1].doubleValue
    {
      interval = Interval(low: low, high: high)
    }
  }

  /// Reads the `eval_…` fields of a row; nil if it has none.
  init?(row: MetricsRow) {
    guard let rate = row["eval_success_rate"] else { return nil }
    numbers = JSONObject(
      row.fields.filter { $0.key.hasPrefix("eval_") }.map { (String($0.key.dropFirst(5)), $0.value) },
      uniquingKeysWith: { first, _ in first })
    successRate = rate
    if let low = row["eval_ci95_low"], let high = row["eval_ci95_high"] { interval = Interval(low: low, high: high) }
  }
}

/// What a run folder holds, read once for a report.
struct RunRecord {
  let folder: RunFolder
  let recipe: String?
  let rows: [MetricsRow]
  /// nil while the run is not finished.
  let summary: JSONObject?
  /// One line per trajectory, in order of arrival.
  let episodes: [TrajectorySummary]
  let before: EvaluationResult?
  let after: EvaluationResult?

  init(folder: RunFolder) async throws {
    self.folder = folder
    recipe = try RunFile.readIfPresent(folder.recipe).map { String(decoding: $0, as: UTF8.self) }
    rows = try MetricsLog.read(path: folder.metrics)
    summary = try Self.summary(folder.summary)
    if access(folder.trajectories, F_OK) == 0 {
      episodes = try await TrajectoryStore(path: folder.trajectories, mode: .existing).list()
    } else {
      episodes = []
    }
    guard recipe != nil || !rows.isEmpty || summary != nil || !episodes.isEmpty else {
      throw RunReportError.content(
        path: folder.path, line: nil, reason: "not a run folder: it has no recipe.yaml, metrics.jsonl or summary.json")
    }
    let evaluations = rows.filter { $0.phase == .train }.compactMap(EvaluationResult.init(row:))
    before = EvaluationResult(json: summary?["eval"]?["before"]) ?? evaluations.first
    after = EvaluationResult(json: summary?["eval"]?["after"]) ?? (evaluations.count > 1 ? evaluations.last : nil)
  }

  var isFinished: Bool { summary != nil }

  func rows(_ phase: RunPhase) -> [MetricsRow] { rows.filter { $0.phase == phase } }

  /// The points of a metric, where it was recorded.
  func points(_ key: String, _ phase: RunPhase = .train) -> [ChartPoint] {
    rows(phase).compactMap { row in row[key].map { ChartPoint(x: Double(row.step), y: $0) } }
  }

  /// A number of the summary, or for unfinished runs the sum of a metric over the steps so far.
  func total(_ key: String, orSumOf metrics: String...) -> Double? {
    if let value = summary?[key]?.doubleValue { return value }
    let values = rows.compactMap { row in metrics.lazy.compactMap { row[$0] }.first }
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  /// The value of an unindented `key: value` line of the recipe, as it stands there.
  func recipeValue(_ key: String) -> String? {
    let line = recipe?.split(separator: "\n").first { $0.hasPrefix("\(key):") }
    let value = line?.dropFirst(key.count + 1).trimmingPrefix(while: { $0 == " " })
    return value.flatMap { $0.isEmpty ? nil : String($0) }
  }

  private static func summary(_ path: String) throws(RunReportError) -> JSONObject? {
    guard let bytes = try RunFile.readIfPresent(path) else { return nil }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .content(path: path, line: nil, reason: error.description)
    }
    guard let fields = value.objectValue else {
      throw .content(path: path, line: nil, reason: "expected an object, found \(value.kindName)")
    }
    return fields
  }
}
