import AgentCore
import AgentTools
import EnvironmentKit
import Synchronization
import Testing
import TrajectoryStore

@testable import SessionEngine

/// Counts how often it is closed.
private actor ClosableEnvironment: Environment {
  enum Behaviour: Sendable { case answers, goesOn, throwsError, hangs, cannotReset, closesSlowly }

  struct Broken: Error {}

  final class Counts: Sendable {
    let made = Mutex(0), closed = Mutex(0)
    var text: String { "\(made.withLock { $0 }) made, \(closed.withLock { $0 }) closed" }
  }

  private let behaviour: Behaviour
  private let counts: Counts

  init(_ behaviour: Behaviour, _ counts: Counts) {
    self.behaviour = behaviour
    self.counts = counts
    counts.made.withLock { $0 += 1 }
  }

  func reset(_ task: EnvironmentTask, seed: Int) async throws -> EnvironmentOpening {
    if behaviour == .cannotReset { throw Broken() }
    return EnvironmentOpening(messages: [], tools: [])
  }

  func step(_ action: Action, deadline: ContinuousClock.Instant) async throws -> EnvironmentStep {
    switch behaviour {
    case .throwsError: throw Broken()
    case .hangs:
      try await Task.sleep(for: .seconds(1000))
      return EnvironmentStep()
    case .answers, .closesSlowly:
      return EnvironmentStep(
        outcome: Outcome(reward: 1, rewardComponents: [:], isSuccess: true, termination: .answered))
    case .goesOn, .cannotReset: return EnvironmentStep()
    }
  }

  func close() async {
    counts.closed.withLock { $0 += 1 }
    if behaviour == .closesSlowly { try? await Task.sleep(for: .seconds(1000)) }
  }

  static func definition(_ behaviour: Behaviour, _ counts: Counts) -> EnvironmentDefinition {
    var limits = EpisodeLimits()
    limits.turnTimeout = .milliseconds(50)
    return EnvironmentDefinition(
      name: "closable", version: "1", description: "", tasks: ScriptedEnvironment.OneTask(), limits: limits,
      toolSchemas: [], make: { ClosableEnvironment(behaviour, counts) })
  }
}

@Suite struct ClosingTests {
  private func engine(store: TrajectoryStore? = nil) -> SessionEngine {
    var limits = SessionLimits()
    limits.grace = .milliseconds(50)
    return SessionEngine(store: store, limits: limits)
  }

  private func open(
    _ behaviour: ClosableEnvironment.Behaviour, _ counts: ClosableEnvironment.Counts, in engine: SessionEngine
  ) async throws -> Session {
    try await engine.open(
      SessionRequest(environment: ClosableEnvironment.definition(behaviour, counts), task: .index(.train, 0), seed: 1))
  }

  @Test(
    "a session that ends by itself closes its environment once",
    arguments: [ClosableEnvironment.Behaviour.answers, .throwsError, .hangs, .closesSlowly])
  private func steps(behaviour: ClosableEnvironment.Behaviour) async throws {
    let counts = ClosableEnvironment.Counts()
    let session = try await open(behaviour, counts, in: engine())
    #expect(counts.text == "1 made, 0 closed")
    let result = try await session.step(text: "x")
    #expect(result.isDone)
    try await session.abort()
    #expect(counts.text == "1 made, 1 closed")
  }

  @Test("a session that is ended from outside closes its environment once")
  func outside() async throws {
    let counts = ClosableEnvironment.Counts()
    let engine = engine()
    let (first, second) = (try await open(.goesOn, counts, in: engine), try await open(.goesOn, counts, in: engine))
    _ = try await first.step(text: "x")
    _ = try await open(.goesOn, counts, in: engine)
    #expect(counts.text == "3 made, 0 closed")
    try await first.endAtTokenLimit()
    try await second.abort()
    try await second.abort()
    #expect(counts.text == "3 made, 2 closed")
    await engine.abortAll()
    #expect(counts.text == "3 made, 3 closed")
    #expect(await engine.activeCount == 0)
  }

  @Test("a session that cannot open closes what was made")
  func opening() async throws {
    let counts = ClosableEnvironment.Counts()
    let engine = engine(store: try temporaryStore())
    await #expect(throws: SessionError.self) { try await open(.cannotReset, counts, in: engine) }
    #expect(counts.text == "1 made, 1 closed")
    let request = SessionRequest(
      environment: ClosableEnvironment.definition(.goesOn, counts), task: .index(.train, 0), seed: 1, id: "same")
    let session = try await engine.open(request)
    try await session.abort()
    // Its id is in the store already.
    await #expect(throws: StoreError.self) { try await engine.open(request) }
    #expect(counts.text == "3 made, 3 closed")
  }

  @Test("a tool that blocks its thread holds up its own session only")
  func blocking() async throws {
    let release = DispatchGate()
    let definition = try blockingDefinition(release)
    let engine = SessionEngine()
    func session() async throws -> Session {
      try await engine.open(SessionRequest(environment: definition, task: .index(.train, 0), seed: 1))
    }
    let call = ToolCall(id: "c", name: "block", arguments: ["wait": true])
    // More than the cooperative pool has threads.
    let slow = try await withThrowingTaskGroup(of: ToolStatus?.self) { group in
      for _ in 0..<64 {
        let session = try await session()
        group.addTask { try await session.step(Action(text: "", toolCalls: [call])).toolResults.first?.status }
      }
      let quick = try await session().step(callTool: "block", arguments: ["wait": false])
      #expect(quick.toolResults.map(\.content) == ["done"])
      release.open()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(slow == Array(repeating: .ok, count: 64))
  }

  @Test("the replayer takes a run with another isolation for the same, and closes what it made")
  func replay() async throws {
    let counts = ClosableEnvironment.Counts()
    var registry = EnvironmentRegistry()
    try registry.add(name: "closable") { _ in ClosableEnvironment.definition(.answers, counts) }
    let store = try temporaryStore()
    let session = try await engine(store: store).open(
      SessionRequest(environment: registry.definition("closable"), task: .index(.train, 0), seed: 1))
    _ = try await session.step(text: "x")
    let recorded = try await store.trajectory(session.id)
    #expect(await Replayer(registry: registry).replay(try #require(recorded)).status == .identical)
    #expect(counts.text == "2 made, 2 closed")

    var calculated = try await calculatorRecord(store)
    #expect(calculated.turns[0].toolResults[0].isolation == nil)
    calculated.turns[0].toolResults[0].isolation = Isolation(mode: "no-namespace", degraded: ["hostname"])
    let builtin = try EnvironmentRegistry.builtin()
    #expect(await Replayer(registry: builtin).replay(calculated).status == .identical)
  }

  private func calculatorRecord(_ store: TrajectoryStore) async throws -> Trajectory {
    let session = try await SessionEngine(store: store).open(
      SessionRequest(environment: calculator(), task: .index(.train, 1), seed: 1))
    _ = try await session.step(callTool: "calculator", arguments: ["expression": "1+1"])
    try await session.abort()
    return try #require(try await store.trajectory(session.id))
  }
}
