import TerminalOutput

/// How far a run is, as the progress line shows it.
public struct RunProgress: Sendable, Equatable {
  public var phase: RunPhase
  /// Steps done, of `totalSteps`.
  public var step: Int
  public var totalSteps: Int
  public var reward: Double?
  public var loss: Double?
  /// Share of episodes that succeeded, in [0, 1].
  public var success: Double?
  public var tokensPerSecond: Double?

  public init(
    phase: RunPhase, step: Int, totalSteps: Int, reward: Double? = nil, loss: Double? = nil, success: Double? = nil,
    tokensPerSecond: Double? = nil
  ) {
    self.phase = phase
    self.step = step
    self.totalSteps = totalSteps
    self.reward = reward
    self.loss = loss
    self.success = success
    self.tokensPerSecond = tokensPerSecond
  }

  /// The progress that a row of metrics tells of.
  public init(_ row: MetricsRow, totalSteps: Int) {
    self.init(
      phase: row.phase, step: row.step, totalSteps: totalSteps, reward: row["reward_mean"],
      loss: row.phase == .warmup ? row["loss"] : nil, success: row["success_rate"],
      tokensPerSecond: row["rollout_tokens_per_second"] ?? row["train_tokens_per_second"])
  }

  /// One line, without a line feed, at most `columns` wide (nil: any width). The bar goes first when room is short.
  public func line(timeLeft: Duration?, columns: Int? = nil, usesColour: Bool = false) -> String {
    let digits = "\(totalSteps)".count
    let count = String(repeating: " ", count: max(0, digits - "\(step)".count)) + "\(step)/\(totalSteps)"
    var fields: [(name: String, value: String)] = []
    if let reward { fields.append(("reward", NumberText.fixed(reward, 3))) }
    if let loss { fields.append(("loss", NumberText.short(loss))) }
    if let success { fields.append(("success", NumberText.percent(success))) }
    if let tokensPerSecond { fields.append(("tok/s", NumberText.abbreviated(tokensPerSecond))) }
    if let timeLeft { fields.append(("left", NumberText.duration(seconds: timeLeft / .seconds(1)))) }
    let label = phase == .warmup ? "warm-up" : "train"
    let plain = ([label, count] + fields.map { "\($0.name) \($0.value)" }).joined(separator: "  ")
    let room = (columns ?? 100) - TerminalText.width(plain) - 2
    guard room >= 0 || columns == nil else { return TerminalText.truncated(plain, to: columns ?? 0) }
    let bar = room >= 8 ? bar(width: min(room, 24)) : nil
    guard usesColour else {
      return
        ([label, bar.map { $0.done + $0.open }, count].compactMap { $0 } + fields.map { "\($0.name) \($0.value)" })
        .joined(separator: "  ")
    }
    let head = [
      Terminal.Style.bold.applied(to: label),
      bar.map { Terminal.Style.cyan.applied(to: $0.done) + Terminal.Style.dim.applied(to: $0.open) }, count,
    ].compactMap { $0 }
    return (head + fields.map { "\(Terminal.Style.dim.applied(to: $0.name)) \($0.value)" }).joined(separator: "  ")
  }

  private func bar(width: Int) -> (done: String, open: String) {
    let fraction = totalSteps > 0 ? min(1, max(0, Double(step) / Double(totalSteps))) : 0
    let done = Int((fraction * Double(width)).rounded(.down))
    return (String(repeating: "━", count: done), String(repeating: "─", count: width - done))
  }
}

/// Shows how far a run is: on a terminal one line, drawn over itself; elsewhere a plain line now and then.
public struct ProgressLine: ~Copyable {
  private let terminal: Terminal
  private let plainInterval: Duration?
  private var phase: RunPhase?
  private var phaseStart: (instant: ContinuousClock.Instant, step: Int)?
  private var lastShown: ContinuousClock.Instant?
  private var isDrawn = false

  /// - Parameter plainInterval: the least time between two lines where the output is no terminal; nil for none at all.
  public init(terminal: Terminal = .standardError, plainInterval: Duration? = .seconds(30)) {
    self.terminal = terminal
    self.plainInterval = plainInterval
  }

  deinit { if isDrawn { terminal.write("\n") } }

  /// Shows progress. Draws at most ten times a second, but always the last step of a phase.
  public mutating func update(_ progress: RunProgress, now: ContinuousClock.Instant = .now) {
    if phase != progress.phase {
      endLine()
      phase = progress.phase
      phaseStart = (now, progress.step)
      lastShown = nil
    }
    let interval: Duration? = terminal.isTerminal ? .milliseconds(100) : plainInterval
    let isLast = progress.step >= progress.totalSteps
    guard let interval, isLast || lastShown.map({ now - $0 >= interval }) ?? true else { return }
    lastShown = now
    let line = progress.line(
      timeLeft: timeLeft(progress, now: now), columns: terminal.columns, usesColour: terminal.usesColour)
    terminal.write(terminal.isTerminal ? Terminal.clearLine + line : line + "\n")
    isDrawn = terminal.isTerminal
  }

  /// Writes a line that stays, above the progress.
  public mutating func note(_ text: String) {
    terminal.write((isDrawn ? Terminal.clearLine : "") + text + "\n")
    isDrawn = false
  }

  /// Leaves the line as it stands; what is written next starts on a new one.
  public mutating func endLine() {
    if isDrawn { terminal.write("\n") }
    isDrawn = false
  }

  /// From the phase's own speed so far; nil until a step of it was timed.
  private func timeLeft(_ progress: RunProgress, now: ContinuousClock.Instant) -> Duration? {
    guard let phaseStart, progress.step > phaseStart.step else { return nil }
    let perStep = (now - phaseStart.instant) / (progress.step - phaseStart.step)
    return perStep * max(0, progress.totalSteps - progress.step)
  }
}
