import AgentCore
import Foundation
import Testing

@testable import Sandbox

/// Workers, queue, cancellation, faults, and that nothing is left over.
@Suite(.enabled("this machine gives no isolation") { await Machine.gives(.noNamespace) })
struct SandboxPoolTests {
  private func sandbox(_ change: (inout SandboxConfiguration) -> Void = { _ in }) -> Sandbox {
    var configuration = SandboxConfiguration()
    change(&configuration)
    return Sandbox(configuration)
  }

  private func sleeper(_ seconds: Double) -> ExecutionRequest {
    ExecutionRequest(language: "python", code: "import time\ntime.sleep(\(seconds))")
  }

  @Test("a second run finds the slot of the first; prewarmed slots are found by the first")
  func warmth() async throws {
    let sandbox = sandbox { $0.workers = 2 }
    let cold = await sandbox.run(ExecutionRequest(language: "bash", code: "true"))
    let warm = await sandbox.run(ExecutionRequest(language: "bash", code: "true"))
    #expect(cold.breakdown.start > .zero)
    #expect(warm.breakdown.start == .zero)
    try await sandbox.prewarm("python")
    let first = await sandbox.run(ExecutionRequest(language: "python", code: "1/0"))
    #expect(first.breakdown.start == .zero)
    let metrics = await sandbox.metrics
    #expect(metrics.counts == [.ok: 2, .error: 1])
    #expect(metrics.coldStarts == 1)
    #expect(metrics.warmRuns == 2)
    #expect(metrics.slotsStarted == 3)
    #expect(metrics.idleSlots == 3)
    #expect(metrics.total.run > .zero)
    await sandbox.shutdown()
  }

  @Test("more requests than workers wait their turn and all run")
  func queue() async {
    let sandbox = sandbox { $0.workers = 2 }
    let results = await withTaskGroup(of: ExecutionResult.self) { group in
      for index in 0..<12 {
        group.addTask { await sandbox.run(ExecutionRequest(language: "bash", code: "echo \(index)")) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.allSatisfy { $0.status == .ok })
    #expect(Set(results.map(\.stdout)).count == 12)
    #expect(await sandbox.metrics.slotsStarted <= 2)
    await sandbox.shutdown()
  }

  @Test("who waits longer than the deadline is told so, and never ran")
  func deadline() async throws {
    let sandbox = sandbox { $0.workers = 1 }
    try await sandbox.prewarm("python")
    async let busy = sandbox.run(sleeper(1))
    while await sandbox.metrics.idleSlots > 0 { await Task.yield() }
    var late = ExecutionRequest(language: "python", code: "print(1)")
    late.deadline = .now + .milliseconds(100)
    let result = await sandbox.run(late)
    #expect(result.status == .timeout)
    #expect(result.timedOut == .queue)
    #expect(result.stdout.isEmpty)
    #expect(await busy.status == .ok)
    await sandbox.shutdown()
  }

  @Test("a program ends at the caller's deadline")
  func shortDeadline() async throws {
    let sandbox = sandbox()
    try await sandbox.prewarm("python", count: 1)
    var request = ExecutionRequest(
      language: "python", code: "import time\ntime.sleep(600)", limits: ExecutionLimits(wall: .seconds(600)))
    request.deadline = .now + .milliseconds(800)
    let result = await sandbox.run(request)
    #expect(result.status == .timeout)
    #expect(result.wall < .seconds(300))
    await sandbox.shutdown()
  }

  @Test("cancelling the task ends the program, and the slot serves on")
  func cancellation() async throws {
    let sandbox = sandbox { $0.workers = 1 }
    try await sandbox.prewarm("python")
    let request = ExecutionRequest(
      language: "python", code: "import time\ntime.sleep(60)", limits: ExecutionLimits(wall: .seconds(60)))
    let running = Task { await sandbox.run(request) }
    while await sandbox.metrics.idleSlots > 0 { await Task.yield() }
    let waiting = Task { await sandbox.run(sleeper(60)) }
    while await sandbox.metrics.queued == 0 { await Task.yield() }
    waiting.cancel()
    #expect(await waiting.value.status == .cancelled)
    try await Task.sleep(for: .milliseconds(50))
    running.cancel()
    #expect(await running.value.status == .cancelled)
    let next = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(next.stdout == "1\n")
    #expect(await sandbox.metrics.slotsStarted == 1)
    await sandbox.shutdown()
  }

  @Test("a task that is cancelled before it starts runs nothing")
  func cancelledEarly() async {
    let sandbox = sandbox()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await sandbox.run(sleeper(30))
    }
    #expect(await task.value.status == .cancelled)
    await sandbox.shutdown()
  }

  @Test("a slot that is killed fails its request, and the next one gets a new slot")
  func fault() async throws {
    let sandbox = sandbox { $0.workers = 1 }
    try await sandbox.prewarm("python")
    let launchers = await sandbox.idleProcesses()
    #expect(launchers.count == 1)
    let request = ExecutionRequest(
      language: "python", code: "import time\ntime.sleep(60)", limits: ExecutionLimits(wall: .seconds(60)))
    let running = Task { await sandbox.run(request) }
    while await sandbox.metrics.idleSlots > 0 { await Task.yield() }
    try await Task.sleep(for: .milliseconds(50))
    for launcher in launchers { kill(launcher, SIGKILL) }
    let result = await running.value
    #expect(result.status == .sandboxUnavailable)
    #expect(result.message != nil)
    let next = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(next.stdout == "1\n")
    // One that is killed while nobody uses it is not even noticed.
    for launcher in await sandbox.idleProcesses() { kill(launcher, SIGKILL) }
    try await Task.sleep(for: .milliseconds(200))
    let third = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(third.stdout == "1\n")
    await sandbox.shutdown()
  }

  @Test("idle slots are ended after their time")
  func retirement() async throws {
    let sandbox = sandbox { $0.idleSlotTimeout = .milliseconds(100) }
    _ = await sandbox.run(ExecutionRequest(language: "bash", code: "true"))
    let end = ContinuousClock.now + .seconds(20)
    while await sandbox.metrics.idleSlots > 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
    #expect(await sandbox.metrics.idleSlots == 0)
    let next = await sandbox.run(ExecutionRequest(language: "bash", code: "echo 1"))
    #expect(next.stdout == "1\n")
    await sandbox.shutdown()
  }

  @Test("shutdown ends everything, zombies included, and later requests are refused")
  func shutdown() async throws {
    let sandbox = sandbox { $0.workers = 3 }
    try await sandbox.prewarm("python", count: 3)
    let processes = await sandbox.idleProcesses().flatMap(Processes.family)
    #expect(processes.count >= 6)
    let session = try await sandbox.openSession(language: "python")
    let limits = ExecutionLimits(wall: .seconds(600))
    let code = "import time\ntime.sleep(600)"
    let run = Task { await sandbox.run(ExecutionRequest(language: "python", code: code, limits: limits)) }
    let cell = Task { await session.run(code, limits: limits) }
    while await sandbox.metrics.idleSlots > 1 { await Task.yield() }
    try await Task.sleep(for: .milliseconds(50))
    await sandbox.shutdown()
    for result in [await run.value, await cell.value] {
      #expect(result.status == .sandboxUnavailable)
      #expect(result.message?.contains("shut down") == true)
    }
    #expect(session.isLost)
    let result = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(result.status == .sandboxUnavailable)
    #expect(try await Processes.areGone(processes))
  }

  @Test("letting go of a sandbox ends its slots")
  func release() async throws {
    var processes: [pid_t] = []
    do {
      let sandbox = sandbox()
      #expect(await sandbox.run(ExecutionRequest(language: "bash", code: "echo 1")).stdout == "1\n")
      processes = await sandbox.idleProcesses().flatMap(Processes.family)
    }
    #expect(processes.count >= 2)
    #expect(try await Processes.areGone(processes))
  }

  @Test("a sandbox that was never used shuts down, too")
  func unused() async {
    let sandbox = sandbox()
    await sandbox.shutdown()
    let result = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(result.status == .sandboxUnavailable)
  }

  @Test("a launcher that is not there, or is something else, is said so")
  func launcher() async {
    for path in ["/nonexistent/agentenv-sandbox", "/bin/true", "/bin/cat"] {
      let sandbox = sandbox { $0.launcherPath = path }
      let result = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
      #expect(result.status == .sandboxUnavailable)
      #expect(result.message?.contains(path) == true)
      #expect(result.isolation == .none)
    }
  }
}

/// Processes by their numbers.
enum Processes {
  /// A process and all that it has started, as far as this process may see.
  static func family(of process: pid_t) -> [pid_t] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    let children = tasks.flatMap { task in
      let text = (try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { pid_t($0) }
    }
    return [process] + children.flatMap(family)
  }

  /// Whether none of these is there any more, soon; zombies count.
  static func areGone(_ processes: [pid_t]) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while processes.contains(where: { kill($0, 0) == 0 }) {
      guard .now < end else { return false }
      try await Task.sleep(for: .milliseconds(20))
    }
    return true
  }
}
