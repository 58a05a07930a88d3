import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Foundation
import Synchronization
import Testing
import TrajectoryStore

@testable import SessionEngine

/// An environment whose step is a closure.
actor ScriptedEnvironment: Environment {
  typealias Body = @Sendable (Action) async throws -> EnvironmentStep
  private let body: Body

  init(_ body: @escaping Body) {
    self.body = body
  }

  func reset(_ task: EnvironmentTask, seed: Int) async throws -> EnvironmentOpening {
    if task.category == "broken" { throw Broken() }
    return EnvironmentOpening(messages: [Message(role: .user, content: "go")], tools: [])
  }

  func step(_ action: Action, deadline: ContinuousClock.Instant) async throws -> EnvironmentStep {
    try await body(action)
  }

  struct Broken: Error {}

  struct OneTask: TaskSource {
    func count(of split: Split) -> Int? { 1 }
    func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
      EnvironmentTask(id: "only", split: split, category: "", difficulty: 0, payload: [:])
    }
  }

  static func definition(timeout: Duration = .seconds(10), _ body: @escaping Body) -> EnvironmentDefinition {
    var limits = EpisodeLimits()
    limits.turnTimeout = timeout
    return EnvironmentDefinition(
      name: "scripted", version: "1", description: "", tasks: OneTask(), limits: limits, toolSchemas: [],
      make: { ScriptedEnvironment(body) })
  }
}

func temporaryStore() throws -> TrajectoryStore {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sessions-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return try TrajectoryStore(path: folder.appendingPathComponent("store.sqlite").path)
}

func calculator(_ options: JSONObject = [:]) throws -> EnvironmentDefinition {
  try EnvironmentRegistry.builtin().definition("calculator", options: options)
}

/// Plays the oracle until the end.
func playOracle(_ session: Session) async throws {
  while await session.outcome == nil {
    let action = try #require(try await session.oracleAction())
    _ = try await session.step(action)
  }
}

@Suite struct SessionTests {
  @Test("an episode is recorded step by step, and the record is what the client saw")
  func recording() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let policy = PolicyDescription(name: "p", version: 3, digest: "d", sampling: ["temperature": 1.0])
    let session = try await engine.open(
      SessionRequest(
        environment: calculator(["digits": 2]), task: .index(.test, 4), seed: 17, id: "mine", groupID: "g",
        policy: policy))
    #expect(try await store.trajectory("mine")?.messages == session.initialMessages)
    #expect(session.tools.map(\.name) == ["calculator"])
    let expression = try #require(session.task.payload["expression"])
    let first = try await session.step(callTool: "calculator", arguments: ["expression": expression])
    #expect(!first.isDone)
    #expect(first.toolResults.map(\.status) == [.ok])
    #expect(try await store.trajectory("mine")?.turns.count == 1)
    let last = try await session.step(text: "It is \(first.observation.messages[0].content).")
    #expect(last.outcome?.isSuccess == true)
    let recorded = try #require(try await store.trajectory("mine"))
    let live = await session.trajectory
    // Durations are recorded in whole microseconds; everything else is equal.
    #expect(recorded.json == live.json)
    #expect(recorded.seed == 17 && recorded.groupID == "g" && recorded.policy == policy)
    #expect(recorded.environment.options == ["digits": 2])
    #expect(recorded.turns.map(\.progress) == [0, 1])
    #expect(Set(recorded.turns.map(\.stateKey)).count == 2)
    #expect(await engine.activeCount == 0)
  }

  @Test("an ended session refuses steps")
  func finished() async throws {
    let engine = SessionEngine()
    let session = try await engine.open(
      SessionRequest(environment: calculator(), task: .index(.train, 0), seed: 0))
    _ = try await session.step(text: "0.5")
    await #expect(throws: SessionError.finished(id: session.id, termination: .answered)) {
      try await session.step(text: "again")
    }
    await #expect(throws: SessionError.unknownSession(id: session.id)) { try await engine.session(session.id) }
  }

  @Test("a second step while one runs is refused, and does not disturb the first")
  func concurrentSteps() async throws {
    let (started, startedSignal) = AsyncStream<Void>.makeStream()
    let (release, releaseSignal) = AsyncStream<Void>.makeStream()
    let engine = SessionEngine()
    let session = try await engine.open(
      SessionRequest(
        environment: ScriptedEnvironment.definition { _ in
          startedSignal.yield()
          for await _ in release { break }
          return EnvironmentStep(messages: [Message(role: .user, content: "first")])
        }, task: .index(.train, 0), seed: 0))
    let first = Task { try await session.step(text: "a") }
    for await _ in started { break }
    await #expect(throws: SessionError.stepInProgress(id: session.id)) { try await session.step(text: "b") }
    await #expect(throws: SessionError.stepInProgress(id: session.id)) { try await session.abort() }
    releaseSignal.yield()
    #expect(try await first.value.observation.messages[0].content == "first")
    #expect(await session.trajectory.turns.count == 1)
  }

  @Test("an environment that throws ends the episode with environment_error, recorded and masked")
  func environmentError() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let session = try await engine.open(
      SessionRequest(
        environment: ScriptedEnvironment.definition { _ in throw ScriptedEnvironment.Broken() },
        task: .index(.train, 0), seed: 0))
    let result = try await session.step(text: "a")
    #expect(result.outcome?.termination == .environmentError)
    #expect(result.observation.messages[0].content.contains("Broken"))
    let recorded = try #require(try await store.trajectory(session.id))
    #expect(recorded.outcome?.termination == .environmentError)
    #expect(recorded.turns.map(\.isMasked) == [true])
  }

  @Test("an environment that hangs ends the episode with timeout")
  func timeout() async throws {
    var limits = SessionLimits()
    limits.grace = .milliseconds(10)
    let engine = SessionEngine(limits: limits)
    let session = try await engine.open(
      SessionRequest(
        environment: ScriptedEnvironment.definition(timeout: .milliseconds(30)) { _ in
          while true { await Task.yield() }
        }, task: .index(.train, 0), seed: 0))
    let result = try await session.step(text: "a")
    #expect(result.outcome?.termination == .timeout)
    #expect(result.observation.messages[0].content.contains("did not answer"))
  }

  @Test("a full engine refuses, and has room again when a session ends")
  func capacity() async throws {
    let engine = SessionEngine(limits: SessionLimits(maxSessions: 2))
    let definition = try calculator()
    let first = try await engine.open(SessionRequest(environment: definition, task: .index(.train, 0), seed: 0))
    _ = try await engine.open(SessionRequest(environment: definition, task: .index(.train, 1), seed: 0))
    await #expect(throws: SessionError.atCapacity(active: 2, limit: 2)) {
      try await engine.open(SessionRequest(environment: definition, task: .index(.train, 2), seed: 0))
    }
    try await first.abort()
    _ = try await engine.open(SessionRequest(environment: definition, task: .index(.train, 2), seed: 0))
    #expect(await engine.activeCount == 2)
    await engine.abortAll()
    #expect(await engine.activeCount == 0)
  }

  @Test("a session that cannot start leaves no place taken and no record")
  func failedOpening() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store, limits: SessionLimits(maxSessions: 1))
    let definition = ScriptedEnvironment.definition { _ in EnvironmentStep() }
    let broken = EnvironmentTask(id: "x", split: .train, category: "broken", difficulty: 0, payload: [:])
    await #expect(throws: SessionError.self) {
      try await engine.open(SessionRequest(environment: definition, task: .task(broken), seed: 0))
    }
    await #expect(throws: EnvironmentError.self) {
      try await engine.open(SessionRequest(environment: calculator(["count": 1]), task: .index(.train, 5), seed: 0))
    }
    #expect(await engine.activeCount == 0)
    #expect(try await store.count() == 0)
    _ = try await engine.open(SessionRequest(environment: definition, task: .index(.train, 0), seed: 0, id: "a"))
    #expect(await engine.activeCount == 1)
  }

  @Test("sessions that nobody uses are aborted")
  func idle() async throws {
    let engine = SessionEngine()
    let definition = try calculator()
    let session = try await engine.open(SessionRequest(environment: definition, task: .index(.train, 0), seed: 0))
    #expect(await engine.abortIdle(longerThan: .seconds(3600)) == 0)
    #expect(await engine.abortIdle(longerThan: .zero) == 1)
    #expect(await session.outcome?.termination == .aborted)
    #expect(await engine.activeCount == 0)
  }

  @Test("an id is used once")
  func duplicateID() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let request = try SessionRequest(environment: calculator(), task: .index(.train, 0), seed: 0, id: "a")
    let session = try await engine.open(request)
    await #expect(throws: SessionError.duplicateSession(id: "a")) { try await engine.open(request) }
    try await session.abort()
    await #expect(throws: StoreError.duplicateTrajectory(id: "a")) { try await engine.open(request) }
    #expect(await engine.activeCount == 0)
  }

  @Test("an aborted episode is recorded as aborted, once")
  func abort() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let session = try await engine.open(SessionRequest(environment: calculator(), task: .index(.train, 0), seed: 0))
    let outcome = try await session.abort()
    #expect(outcome.termination == .aborted)
    #expect(try await session.abort() == outcome)
    #expect(try await store.trajectory(session.id)?.outcome == outcome)
  }

  @Test("a step that cannot be recorded is not acknowledged, and the session is over")
  func storeFailure() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let session = try await engine.open(SessionRequest(environment: calculator(), task: .index(.train, 0), seed: 0))
    // Somebody else ends the trajectory behind the session's back.
    let outcome = Outcome(reward: 0, rewardComponents: [:], isSuccess: false, termination: .aborted)
    try await store.finish(session.id, outcome: outcome)
    await #expect(throws: StoreError.alreadyFinished(id: session.id)) { try await session.step(text: "1") }
    #expect(await session.trajectory.turns.isEmpty)
    #expect(await engine.activeCount == 0)
    await #expect(throws: SessionError.self) { try await session.step(text: "1") }
  }

  @Test("tokens added between steps are part of the record")
  func tokens() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let session = try await engine.open(SessionRequest(environment: calculator(), task: .index(.train, 0), seed: 0))
    var prompt = EncodedTokens()
    prompt.append([1, 2, 3], provenance: .user)
    var observation = EncodedTokens()
    observation.append([4, 5], provenance: .tool)
    await session.annotatePrompt(prompt)
    let action = try #require(try await session.oracleAction())
    _ = try await session.step(action)
    try await session.annotateObservation(turn: 0, observation)
    await #expect(throws: SessionError.wrongTurn(id: session.id, index: 1, turns: 1)) {
      try await session.annotateObservation(turn: 1, observation)
    }
    #expect(try await store.trajectory(session.id)?.prompt == prompt)
    try await session.flush()
    #expect(try await store.trajectory(session.id)?.turns[0].observation.tokens == observation)
    try await playOracle(session)
    #expect(try await store.trajectory(session.id)?.json == session.trajectory.json)
  }

  @Test("many sessions at once are each their own, recorded whole")
  func manySessions() async throws {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store, limits: SessionLimits(maxSessions: 300))
    let definition = try calculator()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<300 {
        group.addTask {
          let session = try await engine.open(
            SessionRequest(environment: definition, task: .index(.train, index), seed: index, id: "s\(index)"))
          try await playOracle(session)
        }
      }
      try await group.waitForAll()
    }
    var filter = TrajectoryFilter()
    filter.isSuccess = true
    #expect(try await store.count(filter) == 300)
    for index in 0..<300 {
      let task = try definition.tasks.task(.train, at: index)
      #expect(try await store.trajectory("s\(index)")?.task == task)
    }
    #expect(await engine.activeCount == 0)
  }
}
