import AgentCore
import AgentTools

/// The environment that nearly every author needs: system prompt, tools, tasks and rewards. The loop is written once,
/// here: validate the calls → run them at the same time → observe → score.
///
/// How an action is read:
/// - calls: each is answered by a `tool` message. A call that cannot be run (malformed, unknown tool, arguments that do
///   not fit) is answered by what is wrong with it, and counts as an invalid call;
/// - no call and cut off by a token limit: nothing can be concluded from half a text, the episode ends with `max_tokens`;
/// - no call: the text is the final answer, `answered`. An empty text is an empty answer;
/// - an action with calls in the last allowed turn is still run and shown, then the episode ends with `max_turns`.
public actor ToolEnvironment: Environment {
  private let design: ToolEnvironmentDesign
  private let tools: ToolRegistry
  private var episode: Episode?
  private var stateKey = StateKey()

  /// - Parameter cache: where answers of pure tools are shared with other sessions of the same design.
  public init(_ design: ToolEnvironmentDesign, cache: ToolCache? = nil) throws {
    self.design = design
    tools = try ToolRegistry(design.makeTools(), cache: cache)
  }

  public func reset(_ task: EnvironmentTask, seed: Int) async throws -> EnvironmentOpening {
    guard let question = task.payload["question"]?.stringValue else {
      throw EnvironmentError.badTask(id: task.id, reason: "its payload has no text `question`")
    }
    let episode = Episode(task: task, seed: seed)
    self.episode = episode
    stateKey = StateKey(environment: design.name, task: task.id)
    var messages: [Message] = []
    if !design.systemPrompt.isEmpty { messages.append(Message(role: .system, content: design.systemPrompt)) }
    messages.append(Message(role: .user, content: question))
    return EnvironmentOpening(
      messages: messages, tools: tools.schemas, state: state(of: episode), isolation: await design.isolation())
  }

  public func step(_ action: Action, deadline: ContinuousClock.Instant) async throws -> EnvironmentStep {
    guard var episode else { throw EnvironmentError.notReset }
    episode.scoringDeadline = deadline
    guard !action.toolCalls.isEmpty || !action.malformedCalls.isEmpty else {
      let isWhole = action.finish == .stop
      if isWhole { episode.answer = action.text }
      let turn = EpisodeTurn(action: action, toolResults: [], invalidCalls: 0, complaints: [])
      return try await finishTurn(turn, &episode, messages: [], isWhole ? .answered : .maxTokens)
    }
    if action.toolCalls.isEmpty && action.finish == .length {
      let turn = EpisodeTurn(
        action: action, toolResults: [], invalidCalls: action.malformedCalls.count, complaints: [])
      return try await finishTurn(turn, &episode, messages: [], .maxTokens)
    }
    let (turn, messages) = await run(action, seed: episode.seed, deadline: deadline)
    let isLast = episode.turns.count + 1 >= design.limits.maxTurns
    return try await finishTurn(turn, &episode, messages: messages, isLast ? .maxTurns : nil)
  }

  public func oracle() async throws -> Action? {
    guard let episode else { throw EnvironmentError.notReset }
    return try design.oracle?.action(in: episode)
  }

  public func close() async { await tools.close() }

  // MARK: The loop

  private func run(_ action: Action, seed: Int, deadline: ContinuousClock.Instant) async -> (EpisodeTurn, [Message]) {
    let limit = design.limits.maxToolCallsPerTurn
    let allowed = Array(action.toolCalls.prefix(limit))
    let invalid = action.toolCalls.count { tools.problem(with: $0) != nil }
    var results = await tools.call(allowed, seed: seed, deadline: deadline)
    for call in action.toolCalls.dropFirst(limit) {
      results.append(
        ToolResult(id: call.id, status: .denied, content: "error: at most \(limit) calls are run in one turn"))
    }
    for index in results.indices { results[index].content = shortened(results[index].content) }
    let complaints = action.malformedCalls.map { shortened("error: invalid tool call: \($0.reason)") }
    let answers = zip(action.toolCalls, results).map { call, result in
      Message(role: .tool, content: result.content, name: call.name, toolCallID: call.id)
    }
    let turn = EpisodeTurn(
      action: action, toolResults: results, invalidCalls: invalid + complaints.count, complaints: complaints)
    return (turn, answers + complaints.map { Message(role: .tool, content: $0) })
  }

  private func finishTurn(
    _ turn: EpisodeTurn, _ episode: inout Episode, messages: [Message], _ termination: Termination?
  ) async throws -> EnvironmentStep {
    episode.turns.append(turn)
    stateKey.append(turn)
    var components = RewardComponents()
    for part in design.turnRewards {
      components[part.name] = weighted(part.weight, try await part.reward.score(turn, in: episode))
    }
    self.episode = episode
    var outcome: Outcome?
    if let termination { outcome = try await score(episode, termination) }
    return EnvironmentStep(
      messages: messages, toolResults: turn.toolResults, rewardComponents: components, state: state(of: episode),
      outcome: outcome)
  }

  private func score(_ episode: Episode, _ termination: Termination) async throws -> Outcome {
    var components = RewardComponents()
    var isSuccess = termination == .answered
    for part in design.outcomeRewards {
      let score = try await part.reward.score(episode)
      components[part.name] = weighted(part.weight, score)
      if part.decidesSuccess && score < 1 { isSuccess = false }
    }
    return Outcome(
      reward: components.values.reduce(0, +), rewardComponents: components, isSuccess: isSuccess,
      termination: termination)
  }

  private func state(of episode: Episode) -> EnvironmentState {
    EnvironmentState(stateKey: stateKey.digest, progress: design.progress?.progress(of: episode))
  }

  /// A penalty that does not apply is 0, not the −0 that IEEE arithmetic makes of −0.1 · 0.
  private func weighted(_ weight: Double, _ score: Double) -> Double { weight * score + 0 }

  private func shortened(_ text: String) -> String {
    let limit = design.limits.maxObservationCharacters
    guard text.utf8.count > limit, text.unicodeScalars.count > limit else { return text }
    let dropped = text.unicodeScalars.count - limit
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "… [\(dropped) more characters]"
  }
}

/// Everything a `ToolEnvironment` is made of; the manifest read.
public struct ToolEnvironmentDesign: Sendable {
  public var name: String
  /// Not sent where empty.
  public var systemPrompt: String
  /// Makes the tools of one session. A tool that has made no call holds nothing that needs closing.
  public var makeTools: @Sendable () throws -> [any Tool]
  public var outcomeRewards: [OutcomeComponent]
  public var turnRewards: [TurnComponent]
  public var progress: (any ProgressMeasure)?
  public var oracle: (any Oracle)?
  public var limits: EpisodeLimits
  /// What its code runs under; nil where it runs none.
  public var isolation: @Sendable () async -> Isolation?

  public init(
    name: String, systemPrompt: String, makeTools: @escaping @Sendable () throws -> [any Tool],
    outcomeRewards: [OutcomeComponent], turnRewards: [TurnComponent] = [], progress: (any ProgressMeasure)? = nil,
    oracle: (any Oracle)? = nil, limits: EpisodeLimits = EpisodeLimits(),
    isolation: @escaping @Sendable () async -> Isolation? = { nil }
  ) {
    self.name = name
    self.systemPrompt = systemPrompt
    self.makeTools = makeTools
    self.outcomeRewards = outcomeRewards
    self.turnRewards = turnRewards
    self.progress = progress
    self.oracle = oracle
    self.limits = limits
    self.isolation = isolation
  }
}

/// A scripted expert: yields good actions, for warm-up data and for tests. Pure.
public protocol Oracle: Sendable {
  func action(in episode: Episode) throws -> Action
}

/// A potential Φ(s) in [0, 1] of an episode so far. Pure.
public protocol ProgressMeasure: Sendable {
  func progress(of episode: Episode) -> Double
}
