import AgentCore
import AgentTools
import EnvironmentKit
import TrajectoryStore

/// One live episode.
///
/// Steps are answered one after the other; a second step while one is running is an error. When `step` returns, its turn
/// (and at the end, the outcome) is in the store.
public actor Session {
  public nonisolated let id: String
  public nonisolated let task: EnvironmentTask
  public nonisolated let environmentReference: EnvironmentReference
  /// The conversation before the first turn.
  public nonisolated let initialMessages: [Message]
  public nonisolated let tools: [ToolSchema]
  public nonisolated let limits: EpisodeLimits

  private let environment: any Environment
  private let grace: Duration
  private let store: TrajectoryStore?
  private let engine: SessionEngine
  private var record: Trajectory
  /// Before the next turn.
  private var state: EnvironmentState
  private var lateTokens = LateTokens()
  private var isStepping = false
  /// Last time that a client did something.
  public private(set) var lastUsed = ContinuousClock.now

  init(
    _ trajectory: Trajectory, environment: any Environment, opening: EnvironmentOpening, limits: EpisodeLimits,
    grace: Duration, store: TrajectoryStore?, engine: SessionEngine
  ) {
    id = trajectory.id
    task = trajectory.task
    environmentReference = trajectory.environment
    initialMessages = opening.messages
    tools = opening.tools
    state = opening.state
    record = trajectory
    self.environment = environment
    self.limits = limits
    self.grace = grace
    self.store = store
    self.engine = engine
  }

  /// Everything so far.
  public var trajectory: Trajectory { record }

  /// How the episode ended; nil while it is open.
  public var outcome: Outcome? { record.outcome }

  /// Where the episode stands before the next turn.
  public var currentState: EnvironmentState { state }

  // MARK: Steps

  /// Takes one action and gives the environment's answer.
  ///
  /// An environment that throws or hangs ends the episode with `environment_error` or `timeout`, which the result shows;
  /// the turn is recorded as masked, since its failure was not the policy's.
  ///
  /// - Throws: `SessionError` (over, or a step is running), `StoreError` (the step happened and could not be recorded: it
  ///   is not acknowledged, and the session is aborted).
  public func step(_ action: Action) async throws -> StepResult {
    try beginUse()
    isStepping = true
    defer { isStepping = false }
    let start = ContinuousClock.now
    let startedAt = Timestamp.now()
    let (step, isMasked) = await answer(action, start: start)
    let turn = Turn(
      index: record.turns.count, stateKey: state.stateKey, progress: state.progress, action: action,
      observation: Observation(messages: step.messages), toolResults: step.toolResults, reward: step.reward,
      rewardComponents: step.rewardComponents, isMasked: isMasked, startedAt: startedAt,
      duration: ContinuousClock.now - start)
    try await commit(turn, outcome: step.outcome)
    state = step.state
    return StepResult(
      turn: turn.index, observation: turn.observation, toolResults: turn.toolResults, reward: turn.reward,
      rewardComponents: turn.rewardComponents, outcome: step.outcome)
  }

  /// One structured tool call as a whole action, for clients that are not language models.
  public func step(callTool name: String, arguments: JSONValue) async throws -> StepResult {
    try await step(
      Action(text: "", toolCalls: [ToolCall(id: "call_\(record.turns.count)", name: name, arguments: arguments)]))
  }

  /// A text without a call as a whole action: the final answer, in most environments.
  public func step(text: String) async throws -> StepResult { try await step(Action(text: text)) }

  /// What the environment's scripted expert would do now; nil where it has none.
  public func oracleAction() async throws -> Action? { try await environment.oracle() }

  /// Ends the episode without an answer; does nothing if it is over. Returns its outcome.
  @discardableResult
  public func abort() async throws -> Outcome {
    if let outcome = record.outcome { return outcome }
    guard !isStepping else { throw SessionError.stepInProgress(id: id) }
    isStepping = true
    defer { isStepping = false }
    return try await end(.aborted)
  }

  /// Ends the episode because the policy ran out of tokens outside a turn.
  @discardableResult
  public func endAtTokenLimit() async throws -> Outcome {
    try beginUse()
    isStepping = true
    defer { isStepping = false }
    return try await end(.maxTokens)
  }

  // MARK: Tokens

  /// Adds the tokens of the conversation before the first turn. Recorded with the next step, abort or `flush`.
  public func annotatePrompt(_ tokens: EncodedTokens) {
    record.prompt = tokens
    lateTokens.prompt = tokens
  }

  /// Adds the tokens of a turn's observation. Recorded with the next step, abort or `flush`.
  public func annotateObservation(turn: Int, _ tokens: EncodedTokens) throws(SessionError) {
    guard record.turns.indices.contains(turn) else {
      throw .wrongTurn(id: id, index: turn, turns: record.turns.count)
    }
    record.turns[turn].observation.tokens = tokens
    lateTokens.observations[turn] = tokens
  }

  /// Records tokens that were added since the last step.
  public func flush() async throws {
    let tokens = lateTokens
    lateTokens = LateTokens()
    try await store?.append(tokens, to: id)
  }

  // MARK: Parts

  private func beginUse() throws(SessionError) {
    if let outcome = record.outcome { throw .finished(id: id, termination: outcome.termination) }
    if isStepping { throw .stepInProgress(id: id) }
    lastUsed = .now
  }

  /// The environment's answer, or the end of the episode in its place.
  private func answer(_ action: Action, start: ContinuousClock.Instant) async -> (EnvironmentStep, isMasked: Bool) {
    let environment = environment
    let deadline = start + limits.turnTimeout
    do {
      return (
        try await withDeadline(deadline + grace) { try await environment.step(action, deadline: deadline) }, false
      )
    } catch {
      let termination: Termination =
        switch error {
        case is DeadlineExceeded: .timeout
        case is CancellationError: .aborted
        default: .environmentError
        }
      let text =
        termination == .environmentError
        ? "the environment failed: \(error)" : "the environment did not answer within \(limits.turnTimeout)"
      let message = Message(role: .user, content: text)
      return (EnvironmentStep(messages: [message], state: state, outcome: .failed(termination)), true)
    }
  }

  private func commit(_ turn: Turn, outcome: Outcome?) async throws {
    let tokens = lateTokens
    do {
      if let outcome {
        try await store?.finish(id, lastTurn: turn, outcome: outcome, tokens: tokens)
      } else {
        try await store?.append(turn, to: id, tokens: tokens)
      }
    } catch {
      // The environment has moved on and the record has not: no later turn could be true.
      record.outcome = .failed(.aborted)
      await leave()
      throw error
    }
    lateTokens = LateTokens()
    record.turns.append(turn)
    guard let outcome else { return }
    record.outcome = outcome
    await leave()
  }

  private func end(_ termination: Termination) async throws -> Outcome {
    let outcome = Outcome.failed(termination)
    record.outcome = outcome
    let tokens = lateTokens
    lateTokens = LateTokens()
    await leave()
    try await store?.finish(id, outcome: outcome, tokens: tokens)
    return outcome
  }

  /// The session is over: nothing may go on holding what belonged to it. Runs once, where the outcome is set.
  private func leave() async {
    await environment.close(within: grace)
    await engine.remove(id)
  }
}

extension Outcome {
  /// The end of an episode that nobody scored.
  static func failed(_ termination: Termination) -> Outcome {
    Outcome(reward: 0, rewardComponents: [:], isSuccess: false, termination: termination)
  }
}

extension Environment {
  /// Closes the environment; one that takes longer goes on by itself.
  func close(within duration: Duration) async {
    try? await withDeadline(.now + duration) { await self.close() }
  }
}
