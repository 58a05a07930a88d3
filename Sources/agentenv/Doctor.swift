import AgentCore
import ArgumentParser
import Foundation
import Sandbox
import TerminalOutput

/// `agentenv doctor`
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what isolation, languages and store this machine gives, what is missing, and how to get it.",
    discussion: "Every layer is tried, not looked up, and a program is run. Ends with 1 if programs cannot be run here."
  )

  @Option(help: "The trajectory store that is to be written.")
  var store = "agentenv.sqlite"

  @OptionGroup var sandbox: SandboxOptions
  @OptionGroup var output: JSONOption

  func run() async throws {
    let configuration = try sandbox.configuration()
    let sandbox = Sandbox(configuration)
    let findings = await Findings(sandbox, store: store)
    await sandbox.shutdown()
    if output.json {
      Terminal.standardOutput.writeLine(findings.json.serialized())
    } else {
      findings.show()
    }
    if !findings.canRun { throw ExitCode(1) }
  }
}

/// What was found.
private struct Findings {
  let requirement: IsolationRequirement
  var launcher: String?
  var report: CapabilityReport?
  /// Why nothing can be run, if so.
  var problem: String?
  let languages: [LanguageStatus]
  /// A first program, run as any other would be.
  var trial: ExecutionResult?
  let instructionSet = InstructionSet.here
  let store: String
  let isStoreWritable: Bool
  let workers: Int
  let limits = ExecutionLimits()

  var canRun: Bool { problem == nil }

  init(_ sandbox: Sandbox, store: String) async {
    requirement = sandbox.configuration.isolation
    workers = sandbox.configuration.workers
    self.store = store
    isStoreWritable = Self.isWritable(store)
    languages = await sandbox.languages()
    do {
      launcher = try LauncherProgram(path: sandbox.configuration.launcherPath).path
      report = try await sandbox.capabilities()
      try await sandbox.start()
    } catch {
      problem = error.description
      return
    }
    guard let language = languages.first(where: { $0.missing == nil && ["bash", "python"].contains($0.profile.name) })
    else { return }
    let code = language.profile.name == "python" ? "print(6 * 7)" : "echo $((6 * 7))"
    let trial = await sandbox.run(ExecutionRequest(language: language.profile.name, code: code))
    self.trial = trial
    if trial.status != .ok || trial.stdout != "42\n" {
      problem =
        "a first program (\(language.profile.name)) ended with \(trial.status.rawValue)"
        + (trial.message.map { ": \($0)" } ?? "")
    }
  }

  private static func isWritable(_ path: String) -> Bool {
    if FileManager.default.fileExists(atPath: path) { return FileManager.default.isWritableFile(atPath: path) }
    return FileManager.default.isWritableFile(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  var json: JSONValue {
    [
      "ok": .bool(canRun), "problem": problem.map { .string($0) } ?? .null,
      "required_isolation": .string(requirement.rawValue), "launcher": launcher.map { .string($0) } ?? .null,
      "isolation": trial.map(\.isolation.json) ?? .null, "capabilities": report?.json ?? .null,
      "languages": .array(languages.map(\.json)),
      "kernels": ["instruction_set": .string(instructionSet), "blas": "none is used or needed"],
      "store": ["path": .string(store), "writable": .bool(isStoreWritable)],
      "limits": [
        "workers": JSONValue(workers), "timeout_ms": limits.wall.json, "memory_bytes": JSONValue(limits.memoryBytes),
        "output_bytes": JSONValue(limits.outputBytes), "work_bytes": JSONValue(limits.workBytes),
        "work_files": JSONValue(limits.workFiles), "processes": JSONValue(limits.processes),
      ],
    ]
  }

  func show() {
    let terminal = Terminal.standardOutput
    if let report {
      var table = TextTable([.left("LAYER"), .left("HERE"), .left("LEAVES OPEN"), .left("HOW TO GET IT")])
      for layer in report.layers {
        table.add([
          layer.name, layer.isPresent ? "yes" : "no: \(layer.reason)", layer.isPresent ? "" : layer.open,
          layer.isPresent ? "" : layer.remedy,
        ])
      }
      terminal.writeLine(table.rendered(for: terminal) + "\n")
    }
    terminal.writeLine(LanguageList.table(languages).rendered(for: terminal) + "\n")
    var table = TextTable([.left("THIS MACHINE"), .left("")])
    table.add(["launcher", launcher ?? "none"])
    table.add(["instruction set", instructionSet])
    table.add(["store \(store)", isStoreWritable ? "can be written" : "cannot be written: choose another with --store"])
    table.add(["limits", "\(workers) at once, \(limits.wall), \(limits.memoryBytes >> 20) MiB, each run"])
    if let trial {
      let degraded = trial.isolation.degraded
      table.add([
        "isolation",
        trial.isolation.mode
          + (degraded.isEmpty ? ", nothing missing" : ", degraded: \(degraded.joined(separator: ", "))"),
      ])
    }
    terminal.writeLine(table.rendered(for: terminal) + "\n")
    for name in trial?.isolation.degraded ?? [] {
      terminal.writeLine("\(name): \(Isolation.meaning(of: name) ?? "see sandbox/README.md")")
    }
    terminal.writeLine(
      problem.map { terminal.styled("programs cannot be run here: ", .red) + $0 }
        ?? terminal.styled("programs can be run here", .green) + " (isolation \(requirement.rawValue))")
  }
}

/// The widest vector instructions of this machine's processor, as the kernels choose among them.
private enum InstructionSet {
  static var here: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") } ?? ""
    let flags = Set(line.split(separator: " "))
    let known = [("avx512f", "AVX-512"), ("avx2", "AVX2 with FMA"), ("asimd", "NEON"), ("sse2", "SSE2")]
    return known.first { flags.contains(Substring($0.0)) }?.1 ?? "unknown"
  }
}
