import AgentCore
import Dispatch
import Foundation
import Testing

/// `agentenv exec`, `doctor` and `bench sandbox`, with the real sandbox.
@Suite(.enabled("this machine gives no isolation") { await SandboxProgram.isUsable })
struct SandboxCommandTests {
  @Test("exec prints the program's output and ends with its success")
  func plain() async throws {
    let good = try await SandboxProgram.run(["exec", "--language", "python"], input: "print(6 * 7)")
    #expect(good.text == "42\n")
    #expect(good.errors.isEmpty)
    #expect(good.status == 0)
    let bad = try await SandboxProgram.run(["exec", "--language", "bash"], input: "echo out; echo err >&2; exit 3")
    #expect(bad.text == "out\n")
    #expect(bad.errors == "err\nagentenv: error: exit code 3\n")
    #expect(bad.status == 1)
  }

  @Test("exec --json has the fixed fields")
  func json() async throws {
    let output = try await SandboxProgram.run(
      ["exec", "--language", "py", "--timeout", "0.3", "--memory-mb", "64", "--json"], input: "while True: pass")
    let json = try JSONValue(parsing: output.text)
    #expect(output.status == 1)
    #expect(json["status"] == "timeout")
    #expect(json["timed_out"] == "wall")
    for key in [
      "stdout", "stderr", "exit_code", "signal", "wall_ms", "cpu_ms", "peak_memory_bytes", "stdout_truncated",
      "stderr_truncated", "violation", "isolation", "degraded",
    ] { #expect(json[key] != nil, "\(key)") }
  }

  @Test("files, arguments and input go in; collected files come out")
  func files() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-command-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ name: String, _ text: String) throws -> String {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      return "\(folder)/\(name)"
    }
    let output = try await SandboxProgram.run([
      "exec", "--language", "bash", "--file", try write("p.sh", "cat - a b/c; echo $1; echo x > out.txt"), "--arg",
      "-v", "--input", try write("in", "typed\n"), "--add", try write("a", "A\n"), "--add",
      "b/c=" + (try write("other", "C\n")), "--collect", "*.txt", "--into", "\(folder)/results",
    ])
    #expect(output.text == "typed\nA\nC\n-v\n")
    #expect(output.errors.isEmpty)
    #expect(try String(contentsOfFile: "\(folder)/results/out.txt", encoding: .utf8) == "x\n")
  }

  @Test(
    "a mistake is one line on stderr that helps, and 2",
    arguments: [
      (["--language", "pyton"], "did you mean `python`?"), ([], "--list"),
      (["--language", "bash", "--timeout", "0"], "--timeout"),
      (["--language", "bash", "--memory-mb", "1"], "--memory-mb"),
      (["--language", "bash", "--file", "/none"], "cannot read /none"),
      (["--language", "bash", "--input", "-"], "--file"), (["--language", "bash", "--isolation", "some"], "isolation"),
    ])
  func usage(arguments: [String], hint: String) async throws {
    let output = try await SandboxProgram.run(["exec"] + arguments, input: "true")
    #expect(output.status == 2)
    #expect(output.text.isEmpty)
    #expect(output.errors.contains(hint))
    #expect(output.errors.split(separator: "\n").count == 1)
  }

  @Test("exec --list says what is here")
  func list() async throws {
    let output = try await SandboxProgram.run(["exec", "--list", "--json"])
    let names = try JSONValue(parsing: output.text).arrayValue?.compactMap { $0["name"]?.stringValue }
    #expect(names?.contains("python") == true)
    #expect(names?.contains("c") == true)
  }

  @Test("doctor tries every layer, and a program")
  func doctor() async throws {
    let output = try await SandboxProgram.run(["doctor", "--json"])
    #expect(output.status == 0)
    let json = try JSONValue(parsing: output.text)
    #expect(json["ok"] == true)
    #expect(json["capabilities"]?["layers"]?.arrayValue?.isEmpty == false)
    #expect(json["isolation"]?["mode"]?.stringValue != nil)
    let plain = try await SandboxProgram.run(["doctor"])
    #expect(plain.text.contains("programs can be run here"))
    #expect(!plain.text.contains("\u{1B}"))
  }

  @Test("where the launcher is missing, doctor and exec say so and end with 1")
  func missingLauncher() async throws {
    let environment = ["AGENTENV_SANDBOX": "/nonexistent/launcher"]
    let doctor = try await SandboxProgram.run(["doctor", "--json"], environment: environment)
    #expect(doctor.status == 1)
    #expect(try JSONValue(parsing: doctor.text)["problem"]?.stringValue?.contains("/nonexistent/launcher") == true)
    let exec = try await SandboxProgram.run(
      ["exec", "--language", "bash", "--json"], input: "true", environment: environment)
    #expect(exec.status == 1)
    #expect(try JSONValue(parsing: exec.text)["status"] == "sandbox_unavailable")
  }

  @Test("a command that is killed leaves nothing running", arguments: [SIGKILL, SIGTERM])
  func killed(signal: Int32) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try SandboxProgram.path)
    process.arguments = ["exec", "--language", "bash", "--timeout", "300"]
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("sleep 301 & sleep 302".utf8))
    try input.fileHandleForWriting.close()
    let end = ContinuousClock.now + .seconds(30)
    // The command, launcher, init, shell and two sleeps.
    var family: [pid_t] = []
    while family.count < 6, .now < end {
      try await Task.sleep(for: .milliseconds(20))
      family = Self.family(of: process.processIdentifier)
    }
    #expect(family.count >= 6)
    kill(process.processIdentifier, signal)
    while family.contains(where: { kill($0, 0) == 0 }), .now < end { try await Task.sleep(for: .milliseconds(20)) }
    #expect(!family.contains { kill($0, 0) == 0 })
  }

  private static func family(of process: pid_t) -> [pid_t] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    let children = tasks.flatMap { task in
      let text = (try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { pid_t($0) }
    }
    return [process] + children.flatMap(family)
  }

  @Test("bench sandbox measures every case")
  func bench() async throws {
    let output = try await SandboxProgram.run(["bench", "sandbox", "--seconds", "0.2", "--json"])
    #expect(output.status == 0, "\(output.errors)")
    let cases = try JSONValue(parsing: output.text)["cases"]?.arrayValue ?? []
    #expect(cases.count >= 7)
    for one in cases {
      #expect((one["executions"]?.intValue ?? 0) > 0)
      #expect((one["p50_ms"]?.doubleValue ?? 0) > 0)
    }
  }
}

/// The `agentenv` that was built with these tests, with standard input.
private enum SandboxProgram {
  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String
  }

  static var isUsable: Bool {
    get async { (try? await run(["doctor", "--json"]).status) == 0 }
  }

  static var path: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("agentenv").path
    }
  }

  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> Output {
    let program = try path
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-command-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            defer { try? FileManager.default.removeItem(at: folder) }
            // Output goes through files, so that no pipe can fill.
            func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
            try Data(input.utf8).write(to: file("stdin"))
            for name in ["stdout", "stderr"] { try Data().write(to: file(name)) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = try FileHandle(forReadingFrom: file("stdin"))
            process.standardOutput = try FileHandle(forWritingTo: file("stdout"))
            process.standardError = try FileHandle(forWritingTo: file("stderr"))
            try process.run()
            process.waitUntilExit()
            return Output(
              status: process.terminationStatus, text: try String(contentsOf: file("stdout"), encoding: .utf8),
              errors: try String(contentsOf: file("stderr"), encoding: .utf8))
          })
      }
    }
  }
}
