import AgentCore
import Foundation
import Testing

@testable import Sandbox

/// Programs through the real launcher, in the best mode that this machine gives.
@Suite(.enabled("this machine gives no isolation") { await Machine.gives(.noNamespace) })
struct SandboxRunTests {
  private static let sandbox = Sandbox()

  private func run(
    _ language: String, _ code: String, limits: ExecutionLimits? = nil,
    _ change: (inout ExecutionRequest) -> Void = { _ in }
  ) async -> ExecutionResult {
    var request = ExecutionRequest(language: language, code: code, limits: limits)
    change(&request)
    return await Self.sandbox.run(request)
  }

  @Test("a program's output, exit code and measurements come back")
  func plain() async {
    let result = await run(
      "python", "import sys\nx = b'x' * 30_000_000\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(3)")
    #expect(result.status == .error)
    #expect(result.stdout == "out\n")
    #expect(result.stderr == "err\n")
    #expect(result.exitCode == 3)
    #expect(result.signal == nil)
    #expect(result.phase == .run)
    #expect(result.wall > .zero && result.cpu > .zero && result.peakMemoryBytes > 20_000_000)
    #expect(result.isolation.mode == "full" || result.isolation.mode == "no-namespace")
  }

  @Test("input, arguments and files go in; collected files come back")
  func traffic() async {
    let code = """
      import sys
      print(sys.argv[1:], sys.stdin.read(), open('data/in.txt').read())
      open('out.bin', 'wb').write(bytes([0, 255]))
      import os; os.makedirs('deep/er'); open('deep/er/x.txt', 'w').write('x')
      """
    let result = await run("python", code) { request in
      request.arguments = ["a b", "--flag", ""]
      request.input = Array("typed".utf8)
      request.files = [SandboxFile(name: "data/in.txt", text: "file")]
      request.collect = ["*.bin", "deep/er/x.txt", "none.txt"]
    }
    #expect(result.status == .ok)
    #expect(result.stdout == "['a b', '--flag', ''] typed file\n")
    #expect(
      result.files.sorted { $0.name < $1.name } == [
        SandboxFile(name: "deep/er/x.txt", text: "x"), SandboxFile(name: "out.bin", contents: [0, 255]),
      ])
    let next = await run("python", "import os; print(os.listdir('.'))")
    #expect(next.stdout == "[]\n")
  }

  @Test(
    "every built-in language whose toolchain is here runs",
    arguments: [
      ("python", "print(6 * 7)"), ("python-numeric", "import numpy; print(numpy.array([6]) @ numpy.array([7]))"),
      ("bash", "echo $((6 * 7)) | cat"), ("c", "#include <stdio.h>\nint main() { printf(\"%d\\n\", 6 * 7); }"),
      ("cpp", "#include <iostream>\nint main() { std::cout << 6 * 7 << \"\\n\"; }"), ("perl", "print 6 * 7, \"\\n\""),
      ("javascript", "console.log(6 * 7)"), ("rust", "fn main() { println!(\"{}\", 6 * 7); }"),
    ])
  func languages(language: String, code: String) async {
    guard await Machine.has(language: language) else { return }
    let result = await run(language, code)
    #expect(result.stdout == "42\n", "\(result.stderr) \(result.message ?? "")")
    #expect(result.status == .ok)
  }

  @Test("what does not compile is told apart from what does not run", .enabled(if: Machine.has("gcc")))
  func compilation() async {
    let broken = await run("c", "int main() { return x; }")
    #expect(broken.status == .error)
    #expect(broken.phase == .compile)
    #expect(broken.message?.hasPrefix("compilation failed") == true)
    #expect(broken.stderr.contains("main.c:1"))
    let failing = await run("c", "int main() { return 7; }") { request in
      request.files = [SandboxFile(name: "data.txt", text: "x")]
      request.collect = ["*"]
    }
    #expect(failing.phase == .run)
    #expect(failing.exitCode == 7)
    #expect(failing.files.map(\.name) == ["data.txt"])
    let binary = await run("c", "int main() { return 0; }") { $0.collect = ["program"] }
    #expect(binary.files.first?.contents.starts(with: [0x7F, 0x45, 0x4C, 0x46]) == true)
    let crashing = await run("c", "int main() { *(volatile int *)0 = 1; }")
    #expect(crashing.status == .error)
    #expect(crashing.signal == 11)
  }

  @Test("time, processor time and output have limits")
  func limits() async {
    let wall = await run("python", "import time\ntime.sleep(60)", limits: ExecutionLimits(wall: .milliseconds(300)))
    #expect(wall.status == .timeout)
    #expect(wall.timedOut == .wall)
    let cpu = await run(
      "python", "while True: pass", limits: ExecutionLimits(wall: .seconds(20), cpu: .milliseconds(300)))
    #expect(cpu.status == .timeout)
    #expect(cpu.timedOut == .cpu)
    let output = await run("python", "while True: print('x' * 100)", limits: ExecutionLimits(outputBytes: 1000))
    #expect(output.status == .outputLimit)
    #expect(output.stdout.utf8.count == 1000)
    #expect(output.stdoutTruncated)
    #expect(!output.stderrTruncated)
    let memory = await run("python", "x = 'x' * 10**9", limits: ExecutionLimits(memoryBytes: 64 << 20))
    #expect(memory.status == .memoryLimit)
    let after = await run("python", "print('alive')")
    #expect(after.stdout == "alive\n")
  }

  @Test("output that is no UTF-8 is replaced and flagged")
  func invalidOutput() async {
    let result = await run("python", "import sys\nsys.stdout.buffer.write(b'a\\xff')")
    #expect(result.stdout == "a\u{FFFD}")
    #expect(result.stdoutInvalidUTF8)
    #expect(!result.stderrInvalidUTF8)
  }

  @Test("a request that makes no sense is an error that says why, and runs nothing")
  func refused() async {
    let refused = [
      await run("python", String(repeating: "#", count: 2 << 20)),
      await run("python", "print(1)") { $0.files = [SandboxFile(name: "../x", contents: [])] },
      await run("python", "print(1)", limits: ExecutionLimits(wall: .zero)),
      await run("python", "print(1)") { $0.collect = ["/etc/*"] }, await run("cobol", ""),
    ]
    for result in refused {
      #expect(result.status == .error)
      #expect(result.message != nil)
      #expect(result.stdout.isEmpty)
      #expect(result.isolation == .none)
    }
  }

  @Test("a language whose toolchain is missing is an error that names the package")
  func missingToolchain() async throws {
    var configuration = SandboxConfiguration()
    try configuration.languages.add(
      LanguageProfile(
        .init(
          text: "name: x\ndescription: d\ncommands: {no-such-cc: some-package}\nrun: {argv: [a]}", source: "test")))
    let result = await Sandbox(configuration).run(ExecutionRequest(language: "x", code: ""))
    #expect(result.status == .error)
    #expect(result.exitCode == nil)
    #expect(result.message == "language `x` needs no-such-cc: apt-get install some-package")
  }

  @Test("what cannot be started is an error of the program's side, not the sandbox's")
  func notStarted() async throws {
    var configuration = SandboxConfiguration()
    try configuration.languages.add(
      LanguageProfile(.init(text: "name: x\ndescription: d\nrun: {argv: [/usr/bin/no-such-program]}", source: "test")))
    let sandbox = Sandbox(configuration)
    let result = await sandbox.run(ExecutionRequest(language: "x", code: ""))
    #expect(result.status == .error)
    #expect(result.message?.contains("/usr/bin/no-such-program") == true)
    let session = try await sandbox.openSession(language: "bash")
    _ = await session.run("ln -s / folder; x=1")
    let blocked = await session.run("true", files: [SandboxFile(name: "folder/x", text: "x")])
    #expect(blocked.status == .error)
    #expect(blocked.message?.contains("folder/x") == true)
    #expect(await session.run("echo $x").stdout == "1\n")
    await sandbox.shutdown()
  }

  @Test("the same seed gives the same random numbers, and none gives other ones")
  func seeds() async {
    let code = "import random\nprint(random.random())"
    let outputs = [
      await run("python", code) { $0.seed = 7 }.stdout, await run("python", code) { $0.seed = 7 }.stdout,
      await run("python", code) { $0.seed = .max }.stdout, await run("python", code).stdout,
      await run("python", code).stdout,
    ]
    #expect(outputs[0] == outputs[1])
    #expect(Set(outputs).count == 4)
    #expect(!outputs.contains(""))
    guard await Machine.has(language: "python-numeric") else { return }
    let numeric = "import numpy\nprint(numpy.random.random())"
    let drawn = [
      await run("numpy", numeric) { $0.seed = 7 }.stdout, await run("numpy", numeric) { $0.seed = 7 }.stdout,
      await run("numpy", numeric) { $0.seed = 8 }.stdout, await run("numpy", numeric).stdout,
      await run("numpy", numeric).stdout,
    ]
    #expect(drawn[0] == drawn[1])
    #expect(Set(drawn).count == 4)
  }

  @Test("sets and dictionaries of texts have the same order in every slot")
  func order() async {
    let code = "print(list({str(i) for i in range(50)}))"
    let first = await run("python", code).stdout
    let sandbox = Sandbox()
    let other = await sandbox.run(ExecutionRequest(language: "python", code: code)).stdout
    await sandbox.shutdown()
    #expect(first == other && !first.isEmpty)
  }

  @Test("the JSON has the fields that other programs rely on")
  func json() async {
    let json = await run("bash", "echo hi; exit 2").json
    #expect(json["status"] == "error")
    #expect(json["stdout"] == "hi\n")
    #expect(json["exit_code"] == 2)
    #expect(json["signal"] == .some(.null))
    for key in [
      "stderr", "wall_ms", "cpu_ms", "peak_memory_bytes", "stdout_truncated", "stderr_truncated", "violation",
      "isolation", "degraded", "timed_out", "phase", "message", "files",
    ] { #expect(json[key] != nil, "\(key)") }
  }

  @Test("any text as a program is a result, whatever bytes it has")
  func anyProgram() async {
    var random = SystemRandomNumberGenerator()
    for language in ["python", "bash"] {
      for _ in 0..<40 {
        let scalars = (0..<Int.random(in: 0...60)).compactMap { _ in
          Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
        }
        let code = String(String.UnicodeScalarView(scalars))
        let result = await run(language, code, limits: ExecutionLimits(wall: .seconds(2)))
        #expect(result.status != .sandboxUnavailable, "\(Array(code.utf8)): \(result.message ?? "")")
      }
    }
  }
}
