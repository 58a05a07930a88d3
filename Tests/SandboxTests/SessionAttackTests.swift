import Foundation
import Sandbox
import Testing

/// Cells that attack what the caller does with their session between cells, and each other's branches.
@Suite(.serialized) struct SessionAttackTests {
  /// Runs a body with a session of each setup.
  private func withSessions(_ body: (SandboxSession, AttackGround) async throws -> Void) async throws {
    for setup in [AttackGround.Setup.full, .noNamespace] where await setup.isAvailable() {
      let ground = try AttackGround(setup)
      let session = try await ground.sandbox.openSession(language: "python", limits: ExecutionLimits(wall: .seconds(5)))
      try await body(session, ground)
      await session.close()
      let left = await ground.close()
      #expect(left.isEmpty, "\(setup): \(left)")
    }
  }

  @Test func `an input file is not written through a link that an earlier cell left`() async throws {
    let host = try AttackedHost()
    try await withSessions { session, _ in
      let plant = """
        import os
        os.symlink("\(host.file)", "data.txt")
        os.symlink("\(host.folder)", "folder")
        os.symlink("/proc/self", "proc")
        os.mkfifo("fifo")
        os.mkdir("taken")
        open("plain", "w").write("old")
        os.link("plain", "hard")
        """
      #expect(await session.run(plant).status == .ok)
      for name in ["data.txt", "folder/planted", "folder/file", "proc/comm", "fifo", "taken", "plain/x"] {
        let file = SandboxFile(name: name, text: "planted")
        let result = await session.run("print(1)", files: [file])
        #expect(result.status != .timeout && !result.sessionLost, "\(name): \(result)")
      }
      #expect(host.damage().isEmpty)
      let answer = await session.run("print(6 * 7)")
      #expect(answer.stdout == "42\n", "\(answer)")
    }
  }

  @Test func `a collected file is not read through a link that an earlier cell left`() async throws {
    let host = try AttackedHost()
    try await withSessions { session, _ in
      let plant = "import os\nos.symlink('\(host.folder)', 'folder')\nos.symlink('/', 'top')"
      #expect(await session.run(plant).status == .ok)
      let collect = ["folder/file", "folder/*", "top\(host.file)", "top/etc/passwd", "**"]
      let result = await session.run("print(1)", collect: collect)
      #expect(result.files.isEmpty, "\(result.files.map(\.name))")
      #expect(host.leaks(in: result.files.map { String(decoding: $0.contents, as: UTF8.self) }).isEmpty)
    }
  }

  @Test func `a branch that kills, stops and signals everyone takes nobody else's answers along`() async throws {
    try await withSessions { session, _ in
      #expect(await session.run("x = 1\nopen('mine', 'w').write('mine')").status == .ok)
      let branch = try await session.branch()
      let attack = """
        import os, signal, time
        for number in (signal.SIGCONT, signal.SIGUSR1, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(-1, number)
            except OSError:
                pass
        time.sleep(0.2)
        """
      _ = await branch.run(attack)
      let answer = await session.run("print(x, open('mine').read())")
      #expect(answer.stdout == "1 mine\n" || answer.sessionLost, "\(answer)")
      await branch.close()
    }
  }

  @Test func `branches do not see each other's files`() async throws {
    try await withSessions { session, _ in
      #expect(await session.run("import os").status == .ok)
      let branch = try await session.branch()
      #expect(await session.run("open('left', 'w').write('left')").status == .ok)
      let look = """
        found = [os.path.join(folder, name) for top in ("/box", "/.slot", "/tmp", "..", "../..", "../../..")
                 for folder, _, names in os.walk(top) for name in names if name == "left"]
        print(found)
        """
      #expect(await branch.run(look).stdout == "[]\n")
      #expect(await session.run("print(os.path.exists('left'))").stdout == "True\n")
      await branch.close()
    }
  }

  @Test func `a session's process does not outlive it, whatever it started`() async throws {
    try await withSessions { session, ground in
      let code = "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        time.sleep(60)\n"
      let results = await [session.run(code), session.run(code), session.run("print(1)")]
      #expect(results.allSatisfy { $0.status == .ok }, "\(results)")
      await session.close()
      var running: [HostProcess] = []
      for _ in 0..<40 {
        running = HostProcess.family(of: ground.launchers).filter { $0.user >= 60_000 && $0.command == "sleep" }
        if running.isEmpty { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(running.isEmpty)
    }
  }
}
