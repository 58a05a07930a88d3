import AgentCore
import Foundation
import Testing

@testable import Sandbox

/// Many requests at once, some cancelled, some hostile, while slots are killed: every call is answered, and the sandbox
/// serves on.
@Suite(.enabled("this machine gives no isolation") { await Machine.gives(.noNamespace) })
struct SandboxChaosTests {
  @Test("every call is answered, whatever happens to slots and callers")
  func chaos() async throws {
    var configuration = SandboxConfiguration()
    configuration.workers = 3
    configuration.maxSessions = 8
    let sandbox = Sandbox(configuration)
    let killer = Task {
      while (try? await Task.sleep(for: .milliseconds(60))) != nil {
        if let process = await sandbox.idleProcesses().randomElement() { kill(process, SIGKILL) }
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<120 {
        group.addTask {
          let call = Task { await Self.anything(index, sandbox) }
          if index.isMultiple(of: 4) {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...60)))
            call.cancel()
          }
          await call.value
        }
      }
    }
    killer.cancel()
    let result = await sandbox.run(ExecutionRequest(language: "python", code: "print(1)"))
    #expect(result.stdout == "1\n", "\(result.message ?? "")")
    let metrics = await sandbox.metrics
    #expect(metrics.queued == 0)
    #expect(metrics.liveSessions == 0)
    let processes = await sandbox.idleProcesses().flatMap(Processes.family)
    await sandbox.shutdown()
    #expect(try await Processes.areGone(processes))
  }

  private static func anything(_ index: Int, _ sandbox: Sandbox) async {
    let programs = [
      ("python", "print(sum(range(10**5)))"), ("bash", "for i in 1 2 3; do echo $i; done | cat"),
      ("python", "while True: print('x' * 1000)"), ("bash", "sleep 30 & sleep 30"),
      ("python", "import os\nos.kill(os.getpid(), 9)"),
      ("python", "import os\nwhile True: os.fork()"), ("bash", "kill -9 -1; kill -9 1"),
    ]
    let (language, code) = programs[index % programs.count]
    let limits = ExecutionLimits(wall: .milliseconds(400), processes: 16)
    guard index.isMultiple(of: 5) else {
      let result = await sandbox.run(ExecutionRequest(language: language, code: code, limits: limits))
      #expect(result.status == .ok || result.message != nil || result.exitCode != nil || result.status == .cancelled)
      return
    }
    guard let session = try? await sandbox.openSession(language: "python") else { return }
    _ = await session.run("x = 1", limits: limits)
    if let branch = try? await session.branch() {
      _ = await branch.run("import time\ntime.sleep(0.05)", limits: limits)
      await branch.close()
    }
    await session.close()
  }
}
