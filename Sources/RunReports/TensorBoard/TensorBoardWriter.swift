import Glibc

/// Event files that TensorBoard reads: one scalar series for each metric, grouped by what it is about.
///
/// `tensorboard --logdir RUN` shows them. A row is one `write`; a torn last record is dropped by TensorBoard itself.
public final class TensorBoardWriter: Sendable {
  /// The event file.
  public let path: String
  private let descriptor: Int32

  /// Starts a new event file in a folder. TensorBoard reads all files of a folder as one run.
  /// - Parameters:
  ///   - firstStep: when a run is resumed, the first step that will be written: TensorBoard then forgets what earlier
  ///     files say about that step and later ones.
  ///   - wallTime: seconds since 1970; names the file.
  public init(folder: String, resumingAt firstStep: Int? = nil, wallTime: Double? = nil) throws(RunReportError) {
    let wallTime = wallTime ?? Self.now()
    path = "\(folder)/events.out.tfevents.\(Int(wallTime)).agentrl.\(getpid())"
    descriptor = try RunFile.openForAppending(path)
    try RunFile.write(EventRecord.fileVersion(wallTime: wallTime), to: descriptor, path: path)
    if let firstStep {
      let record = EventRecord.sessionStart(step: firstStep, wallTime: wallTime)
      try RunFile.write(record, to: descriptor, path: path)
    }
  }

  deinit { close(descriptor) }

  /// Writes all numbers of a row, each under its tag.
  public func write(_ row: MetricsRow, wallTime: Double? = nil) throws(RunReportError) {
    let values = row.fields.compactMap { key, value in
      key == "step" ? nil : value.doubleValue.map { (tag: Self.tag(for: key, in: row.phase), value: Float($0)) }
    }
    let record = EventRecord.scalars(values, step: row.step, wallTime: wallTime ?? Self.now())
    try RunFile.write(record, to: descriptor, path: path)
  }

  /// The tag of a metric: `eval/…` for evaluations, `time/…` for seconds and speeds, `rollout/…` for what the episodes
  /// were like, `train/…` for the rest; everything of the warm-up is under `warmup/…`, since it counts its own steps.
  public static func tag(for key: String, in phase: RunPhase) -> String {
    if phase == .warmup { return "warmup/\(key)" }
    if key.hasPrefix("eval_") { return "eval/\(key.dropFirst(5))" }
    if key.hasSuffix("_seconds") || key.hasSuffix("_per_second") { return "time/\(key)" }
    return rolloutKeys.contains(key) ? "rollout/\(key)" : "train/\(key)"
  }

  private static let rolloutKeys: Set<String> = [
    "reward_mean", "return_mean", "success_rate", "turns_mean", "invalid_call_rate", "groups_dropped",
    "policy_tokens",
  ]

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
