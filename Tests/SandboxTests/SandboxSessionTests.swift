import AgentCore
import Foundation
import Testing

@testable import Sandbox

/// Live interpreters and directories: state, loss, branches, limits.
@Suite(.enabled("this machine gives no isolation") { await Machine.gives(.noNamespace) })
struct SandboxSessionTests {
  private func sandbox(_ change: (inout SandboxConfiguration) -> Void = { _ in }) -> Sandbox {
    var configuration = SandboxConfiguration()
    change(&configuration)
    return Sandbox(configuration)
  }

  @Test("a cell finds what earlier cells have left: variables, functions, imports, files")
  func state() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python")
    #expect(session.origin == .opened)
    #expect(await session.run("import math\nx = 20\ndef f(y): return x + y").status == .ok)
    #expect(await session.run("open('note', 'w').write('kept')\nprint(f(22))").stdout.hasSuffix("42\n"))
    let third = await session.run("print(open('note').read(), math.floor(2.5), given)\n")
    #expect(third.status == .error)
    #expect(third.stderr.contains("NameError"))
    #expect(!third.sessionLost)
    let fourth = await session.run("print(open('note').read(), input())", input: Array("typed\n".utf8), collect: ["*"])
    #expect(fourth.stdout == "kept typed\n")
    #expect(fourth.files == [SandboxFile(name: "note", text: "kept")])
    #expect(await sandbox.metrics.cells == 4)
    await session.close()
    #expect(session.isLost)
    let late = await session.run("print(1)")
    #expect(late.status == .error)
    #expect(late.sessionLost)
    await sandbox.shutdown()
  }

  @Test("sessions do not see each other, nor what a session before them left in the slot")
  func apart() async throws {
    let sandbox = sandbox { $0.workers = 2 }
    let one = try await sandbox.openSession(language: "python")
    let two = try await sandbox.openSession(language: "python")
    _ = await one.run("x = 1\nopen('mine', 'w').write('1')")
    #expect(await two.run("print('x' in globals(), __import__('os').listdir('.'))").stdout == "False []\n")
    await one.close()
    await two.close()
    let three = try await sandbox.openSession(language: "python")
    #expect(await three.run("print('x' in globals(), __import__('os').listdir('.'))").stdout == "False []\n")
    await three.close()
    let run = await sandbox.run(ExecutionRequest(language: "python", code: "print(__import__('os').listdir('.'))"))
    #expect(run.stdout == "[]\n")
    #expect(await sandbox.metrics.slotsStarted == 2)
    await sandbox.shutdown()
  }

  @Test("a branch of a live interpreter is a fork: both go on from the same state, apart from each other")
  func fork() async throws {
    let sandbox = sandbox()
    let trunk = try await sandbox.openSession(language: "python", seed: 1)
    _ = await trunk.run("import random\nvalues = [1]\nopen('f', 'w').write('a')")
    let branch = try await trunk.branch()
    #expect(branch.origin == .forked)
    _ = await trunk.run("values.append(2)\nopen('f', 'a').write('t')")
    _ = await branch.run("values.append(3)\nopen('f', 'a').write('b')\nopen('g', 'w').write('')")
    let show = "import os\nprint(values, open('f').read(), sorted(os.listdir('.')), random.random())"
    let (ofTrunk, ofBranch) = (await trunk.run(show).stdout, await branch.run(show).stdout)
    #expect(ofTrunk.hasPrefix("[1, 2] at ['f'] 0."))
    #expect(ofBranch.hasPrefix("[1, 3] ab ['f', 'g'] 0."))
    #expect(ofTrunk.split(separator: " ").last == ofBranch.split(separator: " ").last)
    let second = try await branch.branch()
    await trunk.close()
    #expect(await branch.run("print(values)").stdout == "[1, 3]\n")
    #expect(await second.run("print(values)").stdout == "[1, 3]\n")
    #expect(await sandbox.metrics.slotsStarted == 1)
    #expect(await sandbox.metrics.forkedBranches == 2)
    await sandbox.shutdown()
  }

  @Test("a cell that can be interrupted at its limit leaves the session alive; one that cannot loses it")
  func timeouts() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python")
    _ = await session.run("x = 5")
    let limits = ExecutionLimits(wall: .milliseconds(300))
    let polite = await session.run("while True: pass", limits: limits)
    #expect(polite.status == .timeout)
    #expect(polite.timedOut == .wall)
    #expect(!polite.sessionLost)
    #expect(await session.run("print(x)").stdout == "5\n")
    let stubborn = await session.run(
      "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", limits: limits)
    #expect(stubborn.status == .timeout)
    #expect(stubborn.sessionLost)
    #expect(session.isLost)
    let next = await session.run("print(x)")
    #expect(next.status == .error)
    #expect(next.sessionLost)
    #expect(next.message?.contains("timeout") == true)
    await sandbox.shutdown()
  }

  @Test("a lost session can be had again by running its cells once more")
  func replay() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python", seed: 3)
    _ = await session.run("import random\nx = random.random()\nname = input()", input: Array("ann\n".utf8))
    _ = await session.run("y = open('in.txt').read()", files: [SandboxFile(name: "in.txt", text: "file")])
    _ = await session.run("1/0")
    let before = await session.run("print(x, y, name)").stdout
    let end = await session.run("import os\nos._exit(3)")
    #expect(end.sessionLost)
    let again = try await session.branch()
    #expect(again.origin == .replayed(cells: 4))
    #expect(await again.run("print(x, y, name)").stdout == before)
    #expect(!before.isEmpty)
    #expect(await sandbox.metrics.replayedBranches == 1)
    await sandbox.shutdown()
  }

  @Test("a shell's session keeps directory, variables, functions and folder; its branch is a replay")
  func shell() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "bash")
    let first = await session.run("x='a b'; f() { echo \"f:$x\"; }; mkdir d; cd d; echo hi > file; exit 3")
    #expect(first.exitCode == 3)
    #expect(first.stderr.isEmpty)
    let second = await session.run("f; cat file; read line; echo $line", input: Array("typed\n".utf8))
    #expect(second.stdout == "f:a b\nhi\ntyped\n")
    #expect(second.stderr.isEmpty)
    let branch = try await session.branch()
    #expect(branch.origin == .replayed(cells: 2))
    #expect(await branch.run("f; cat file; echo $line").stdout == "f:a b\nhi\ntyped\n")
    _ = await branch.run("x=other")
    #expect(await session.run("echo $x").stdout == "a b\n")
    await sandbox.shutdown()
  }

  @Test("cells of one session that are asked for at once run one after another")
  func serial() async throws {
    let sandbox = sandbox { $0.workers = 4 }
    let session = try await sandbox.openSession(language: "python")
    _ = await session.run("n = 0")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { _ = await session.run("m = n\nimport time\ntime.sleep(0.001)\nn = m + 1") } }
    }
    #expect(await session.run("print(n)").stdout == "20\n")
    await sandbox.shutdown()
  }

  @Test("there are no more sessions than the limit; a closed or forgotten one makes room")
  func limit() async throws {
    let sandbox = sandbox { $0.maxSessions = 2 }
    let one = try await sandbox.openSession(language: "python")
    var two: SandboxSession? = try await sandbox.openSession(language: "bash")
    await #expect(throws: SandboxError.tooManySessions(limit: 2)) { try await sandbox.openSession(language: "python") }
    await #expect(throws: SandboxError.tooManySessions(limit: 2)) { try await one.branch() }
    #expect(two?.language == "bash")
    two = nil
    let three = try await one.branch()
    await three.close()
    await three.close()
    #expect(await sandbox.metrics.liveSessions == 1)
    await sandbox.shutdown()
  }

  @Test("a session that nobody uses is closed after its time, and says so")
  func idleness() async throws {
    let sandbox = sandbox { $0.sessionIdleTimeout = .milliseconds(200) }
    let session = try await sandbox.openSession(language: "python")
    let end = ContinuousClock.now + .seconds(20)
    while await sandbox.metrics.liveSessions > 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
    let result = await session.run("print(1)")
    #expect(result.sessionLost)
    #expect(result.message?.contains("nobody used it") == true)
    await sandbox.shutdown()
  }

  @Test("cancelling a cell's task ends the cell")
  func cancellation() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python")
    let cell = Task {
      await session.run("import time\ntime.sleep(60)", limits: ExecutionLimits(wall: .seconds(60)))
    }
    try await Task.sleep(for: .milliseconds(300))
    cell.cancel()
    #expect(await cell.value.status == .cancelled)
    await sandbox.shutdown()
  }

  @Test("closing a session ends the cell that runs, and its slot serves on")
  func closing() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python")
    let cell = Task {
      await session.run("import time\ntime.sleep(600)", limits: ExecutionLimits(wall: .seconds(600)))
    }
    try await Task.sleep(for: .milliseconds(200))
    await session.close()
    #expect(await cell.value.status == .cancelled)
    #expect(await sandbox.metrics.liveSessions == 0)
    #expect(await sandbox.run(ExecutionRequest(language: "python", code: "print(1)")).stdout == "1\n")
    #expect(await sandbox.metrics.slotsStarted == 1)
    await sandbox.shutdown()
  }

  @Test("languages without sessions, unknown ones and bad limits are refused")
  func refused() async {
    let sandbox = sandbox()
    await #expect(throws: SandboxError.noSessions(language: "c")) { try await sandbox.openSession(language: "c") }
    await #expect(throws: SandboxError.self) { try await sandbox.openSession(language: "cobol") }
    await #expect(throws: SandboxError.self) {
      try await sandbox.openSession(language: "python", limits: ExecutionLimits(wall: .zero))
    }
    await sandbox.shutdown()
  }

  @Test("shutdown ends sessions and their processes")
  func shutdown() async throws {
    let sandbox = sandbox()
    let session = try await sandbox.openSession(language: "python")
    let processes = Processes.family(of: session.home.slot.process)
    #expect(processes.count >= 2)
    await sandbox.shutdown()
    #expect(session.isLost)
    #expect(try await Processes.areGone(processes))
  }
}
