import Foundation
import Sandbox
import Testing

/// Many executions in a row, hostile ones among them: afterwards the machine is as it was.
///
/// Each test runs in a process of its own, since others open files in this one. AGENTENV_TEST_LEAK_RUNS sets how many
/// executions each makes.
@Suite(.serialized) struct LeakTests {
  @Test func `executions leave no processes, files, mounts or memory behind`() async {
    await #expect(processExitsWith: .success) { try await LeakTrial(setup: .full).run() }
  }

  @Test func `executions without namespaces leave nothing behind either`() async {
    await #expect(processExitsWith: .success) { try await LeakTrial(setup: .noNamespace).run() }
  }
}

private struct LeakTrial {
  var setup: AttackGround.Setup

  var runs: Int {
    ProcessInfo.processInfo.environment["AGENTENV_TEST_LEAK_RUNS"].flatMap { Int($0) }
      // Without a mount namespace each work directory is removed file by file.
      ?? (setup == .full ? 1500 : 300)
  }
  /// One of so many executions is hostile.
  static let hostileShare = 50
  /// What an execution may cost in resident memory for good, all processes together: allocators keep some.
  static let residentGrowth = 16 << 10

  /// Short ones of each kind: what is killed at a limit, by a signal, for a violation, and what leaves things behind.
  static let hostile = [
    "processes/fork-bomb.c", "processes/daemon-past-end.py", "processes/daemon-past-timeout.py", "processes/zombies.py",
    "processes/pid-hopping.c", "memory/heap-fill.py", "memory/children-fill.py", "disk/disk-fill.py",
    "disk/inode-fill.py", "disk/deep-directories.py", "output/both-flood.py", "descriptors/descriptor-exhaustion.py",
    "interpreter/patched-exit.py", "interpreter/patched-builtins.py", "kernel/refused-while-killed.c",
    "collected/swapped-file.py", "files/leave-files.py", "output/unread-input.py", "processes/clone-parent.py",
  ]

  func run() async throws {
    guard await setup.isAvailable() else { return }
    let ground = try AttackGround(setup, workers: 2)
    let host = try AttackedHost()
    let requests = try Self.requests(host)
    // Every slot that will be needed is there, and has grown to its size, before the first look.
    for request in requests { _ = await ground.sandbox.run(request) }
    for request in requests { _ = await ground.sandbox.run(request) }
    let before = (survey: await settled(ground, like: nil), resident: resident(ground))
    for round in 0..<runs {
      let isHostile = round % Self.hostileShare == 0
      let request = isHostile ? requests[1 + round / Self.hostileShare % (requests.count - 1)] : requests[0]
      let result = await ground.sandbox.run(request)
      if !isHostile { #expect(result.stdout == "45\n", "run \(round): \(result)") }
    }
    let after = (survey: await settled(ground, like: before.survey), resident: resident(ground))
    #expect(after.survey == before.survey)
    #expect(after.resident < before.resident + Self.residentGrowth)
    let left = await ground.close()
    #expect(left.isEmpty, "\(left)")
  }

  /// The harmless one first.
  private static func requests(_ host: AttackedHost) throws -> [ExecutionRequest] {
    // The same sizes for all, so that few slots serve them all.
    var limits = ExecutionLimits(wall: .milliseconds(300), memoryBytes: 64 << 20, workBytes: 8 << 20, workFiles: 512)
    limits.processes = 32
    limits.outputBytes = 16 << 10
    let attacks = try AttackProgram.all().filter { hostile.contains($0.name) && $0.isForThisMachine }
    try #require(attacks.count > hostile.count / 2)
    var harmless = ExecutionRequest(language: "python", code: "print(sum(range(10)))", limits: limits)
    harmless.limits?.wall = .seconds(10)
    return [harmless]
      + (try attacks.map { attack in
        ExecutionRequest(
          language: attack.language, code: try attack.code, arguments: host.facts,
          input: [UInt8](repeating: 0, count: attack.inputBytes), collect: attack.collect, limits: limits)
      })
  }

  /// The machine once everything that is ending has ended.
  private func settled(_ ground: AttackGround, like expected: HostSurvey?) async -> HostSurvey {
    var survey = ground.survey()
    for _ in 0..<40 where survey != expected {
      try? await Task.sleep(for: .milliseconds(50))
      survey = ground.survey()
    }
    return survey
  }

  private func resident(_ ground: AttackGround) -> Int {
    HostProcess.family(of: ground.launchers).reduce(0) { $0 + $1.resident }
  }
}
