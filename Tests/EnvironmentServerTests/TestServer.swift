import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import TrajectoryStore

@testable import EnvironmentServer

/// A real server on a free port with a store of its own.
struct TestServer: Sendable {
  let port: Int
  let store: TrajectoryStore
  let group: ServiceGroup

  /// Runs `body` against a server and shuts it down.
  static func run(
    environments: [EnvironmentDefinition]? = nil, _ change: (inout EnvironmentServer.Options) -> Void = { _ in },
    _ body: @Sendable @escaping (TestServer) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("agentenv-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try TrajectoryStore(path: folder.appendingPathComponent("store.sqlite").path)
    var options = EnvironmentServer.Options()
    options.port = 0
    change(&options)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let server = EnvironmentServer(
      environments: try environments ?? [EnvironmentRegistry.builtin().definition("calculator")], store: store,
      options: options, logger: logger, onListening: { listening.yield($0) })
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { listening.finish() }
        try await group.run()
      }
      var iterator = ports.makeAsyncIterator()
      guard let port = await iterator.next() else { return try await tasks.waitForAll() }
      do {
        try await body(TestServer(port: port, store: store, group: group))
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// Connects, runs `body`, and goes away without a word if the body did not close.
  func withClient<Result: Sendable>(
    _ path: String = "/ws", _ body: @Sendable (TestClient) async throws -> Result
  ) async throws -> Result {
    try await TestClient.connect(port: port, path: path, body)
  }

  /// Waits until a condition holds; fails the test after ten seconds.
  func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<1000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what)
  }
}

/// An environment whose steps take as long as it is told.
actor SlowEnvironment: Environment {
  private let delay: Duration

  init(delay: Duration) {
    self.delay = delay
  }

  func reset(_ task: EnvironmentTask, seed: Int) async throws -> EnvironmentOpening {
    EnvironmentOpening(messages: [Message(role: .user, content: "wait")], tools: [])
  }

  func step(_ action: Action, deadline: ContinuousClock.Instant) async throws -> EnvironmentStep {
    try await Task.sleep(for: delay)
    return EnvironmentStep(messages: [Message(role: .user, content: "done waiting")])
  }

  static func definition(delay: Duration, limits: EpisodeLimits = EpisodeLimits()) -> EnvironmentDefinition {
    EnvironmentDefinition(
      name: "slow", version: "1.0.0", description: "Takes its time.", tasks: OneTask(), limits: limits,
      toolSchemas: [], make: { SlowEnvironment(delay: delay) })
  }
}

private struct OneTask: TaskSource {
  func count(of split: Split) -> Int? { split == .train ? 1 : 0 }

  func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
    EnvironmentTask(id: "only", split: split, category: "", difficulty: 0, payload: ["secret": "hidden-answer"])
  }
}
