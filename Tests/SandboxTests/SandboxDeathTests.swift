import Foundation
import Glibc
import Testing

@testable import Sandbox

/// The sandbox's own processes are killed and stopped under it, and so is its server.
@Suite(.serialized) struct SandboxDeathTests {
  private static let endless = "import os, time\nfor _ in range(3): os.fork()\nwhile True: time.sleep(60)"

  @Test func `a server that is killed leaves no process, whatever was running`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/agentenv-death-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let ground = try AttackGround(.full)
      try ground.folder.write(toFile: folder + "/ground", atomically: true, encoding: .utf8)
      for code in [SandboxDeathTests.endless, "while True: pass"] {
        Task { await ground.sandbox.run(ExecutionRequest(language: "python", code: code)) }
        try await Task.sleep(for: .milliseconds(400))
      }
      kill(getpid(), SIGKILL)
    }
    let ground = try String(contentsOfFile: folder + "/ground", encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: ground) }
    let launchers = Set(
      try String(contentsOfFile: ground + "/launchers", encoding: .utf8).split(separator: "\n").compactMap { Int($0) })
    #expect(!launchers.isEmpty)
    var left = HostProcess.family(of: launchers)
    for _ in 0..<100 where !left.isEmpty {
      try await Task.sleep(for: .milliseconds(50))
      left = HostProcess.family(of: launchers)
    }
    #expect(left.isEmpty)
  }

  /// What is done to which process of the slot while a program runs in it.
  struct Blow: Sendable, CustomTestStringConvertible {
    var process: String
    var signal: Int32

    var testDescription: String { "\(process), signal \(signal)" }
  }

  @Test(
    "a slot's process that is killed or stopped is answered for, and the next program runs",
    arguments: [
      Blow(process: "agentenv-sandbox", signal: SIGKILL), Blow(process: "agentenv-sandbox", signal: SIGTERM),
      Blow(process: HostProcess.initName, signal: SIGKILL), Blow(process: "python3", signal: SIGKILL),
      Blow(process: "python3", signal: SIGSEGV), Blow(process: "agentenv-sandbox", signal: SIGSTOP),
      Blow(process: "python3", signal: SIGSTOP),
    ])
  func struck(_ blow: Blow) async throws {
    guard await AttackGround.Setup.full.isAvailable() else { return }
    let ground = try AttackGround(.full)
    #expect(await ground.sandbox.run(ExecutionRequest(language: "python", code: "print(1)")).stdout == "1\n")
    let limits = ExecutionLimits(wall: .seconds(1))
    async let running = ground.sandbox.run(
      ExecutionRequest(language: "python", code: Self.endless, limits: limits))
    try await Task.sleep(for: .milliseconds(300))
    let family = HostProcess.family(of: ground.launchers)
    // The zygote is the one that is no child of the slot's first process.
    let inits = Set(family.filter { $0.command == HostProcess.initName }.map(\.id))
    let struck = family.filter { $0.command.hasPrefix(blow.process.prefix(15)) && !inits.contains($0.parent) }
      .min { $0.id < $1.id }
    kill(pid_t(try #require(struck).id), blow.signal)
    let result = await running
    #expect(result.status != .ok, "\(result)")
    // The dying of the rest takes a moment; a request that falls into it is answered, not run again.
    try await Task.sleep(for: .milliseconds(200))
    let next = await ground.sandbox.run(ExecutionRequest(language: "python", code: "print(2)"))
    #expect(next.stdout == "2\n", "\(next)")
    let left = await ground.close()
    #expect(left.processes.isEmpty, "\(left)")
  }

  @Test(arguments: AttackGround.Setup.allCases)
  func `two programs at once see nothing of each other`(setup: AttackGround.Setup) async throws {
    guard await setup.isAvailable() else { return }
    let ground = try AttackGround(setup, workers: 2)
    let code = """
      import os, sys, time
      mark = "mark-" + sys.argv[1]
      here = os.getcwd()
      for top in (here, "/tmp", "/dev/shm", os.environ.get("TMPDIR", "/tmp")):
          try:
              open(top + "/" + mark, "w").write(mark)
          except OSError:
              pass
      child = os.fork()
      if child == 0:
          time.sleep(60)
      end = time.monotonic() + 1
      while time.monotonic() < end:
          for top in (here, os.path.dirname(here), os.path.dirname(os.path.dirname(here)), "/tmp", "/dev/shm", "/box", "/.slot"):
              try:
                  for folder, _, names in os.walk(top):
                      for name in names:
                          if name in ("mark-one", "mark-two") and name != mark:
                              print("ESCAPED: sees", folder, name)
              except OSError:
                  pass
          try:
              visible = os.listdir("/proc")
          except OSError:
              visible = []
          for name in visible:
              if name.isdigit() and int(name) not in (os.getpid(), child):
                  try:
                      os.kill(int(name), 0)
                      print("ESCAPED: may signal", name)
                  except OSError:
                      pass
      """
    func run(_ name: String) async -> ExecutionResult {
      await ground.sandbox.run(ExecutionRequest(language: "python", code: code, arguments: [name]))
    }
    async let one = run("one")
    async let other = run("other")
    for result in await [one, other] {
      #expect(result.status == .ok, "\(result)")
      #expect(!result.stdout.contains("ESCAPED"), "\(result.stdout.prefix(500))")
    }
    let left = await ground.close()
    #expect(left.isEmpty, "\(left)")
  }

  @Test func `files asked for outside the work directory are refused before anything runs`() async throws {
    let ground = try AttackGround(.full)
    for name in ["../x", "/etc/passwd", "a/../../x", "", "a//b", ".", String(repeating: "n", count: 300), "a\0b"] {
      let out = ExecutionRequest(language: "python", code: "print('ran')", collect: [name])
      #expect(await ground.sandbox.run(out).stdout.isEmpty, "collecting \(name.debugDescription)")
      let file = SandboxFile(name: name, text: "x")
      let into = ExecutionRequest(language: "python", code: "print('ran')", files: [file])
      #expect(await ground.sandbox.run(into).stdout.isEmpty, "placing \(name.debugDescription)")
    }
    _ = await ground.close()
  }

  @Test func `programs that are too large or hold NUL bytes do no harm`() async throws {
    guard await AttackGround.Setup.full.isAvailable() else { return }
    let ground = try AttackGround(.full)
    let large = "x = '" + String(repeating: "a", count: 100 << 20) + "'"
    #expect(await ground.sandbox.run(ExecutionRequest(language: "python", code: large)).status == .error)
    for language in ["python", "bash"] {
      let nul = await ground.sandbox.run(ExecutionRequest(language: language, code: "print(1)\0; import os"))
      #expect(nul.status == .error, "\(nul)")
    }
    #expect(await ground.sandbox.run(ExecutionRequest(language: "python", code: "print(3)")).stdout == "3\n")
    _ = await ground.close()
  }
}
