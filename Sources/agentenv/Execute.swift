import AgentCore
import ArgumentParser
import Foundation
import Sandbox
import TerminalOutput

/// `agentenv exec --language L`
struct Execute: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a program in the sandbox; its code is read from standard input or a file.",
    discussion: """
      Standard output and standard error are the program's own. Ends with 0 if the program did, else with 1 and a line \
      on standard error that says why, e.g. `echo 'print(6*7)' | agentenv exec --language python`.
      """)

  @Option(help: "The program's language (see --list).")
  var language: String?

  @Flag(
    name: [.customLong("list"), .customLong("languages")], help: "List the languages, and what is missing for them.")
  var list = false

  @Option(help: "The file that holds the code; standard input if none is given.")
  var file: String?

  @Option(
    name: .customLong("arg"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An argument of the program; repeatable.", valueName: "text"))
  var arguments: [String] = []

  @Option(help: "The file that becomes the program's standard input; - for ours, if the code is in a file.")
  var input: String?

  @Option(
    name: .customLong("add"), parsing: .singleValue,
    help: ArgumentHelp("A file to lay into the work directory, as NAME=FILE or FILE; repeatable.", valueName: "file"))
  var additions: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Files to bring back, by path or glob; repeatable.", valueName: "glob"))
  var collect: [String] = []

  @Option(help: "The folder for files that are brought back; without it only --json shows them.")
  var into: String?

  @Option(help: "Seconds that the program may take; the language's own limit if none is given.")
  var timeout: Double?

  @Option(help: "MiB of memory that it may use; the language's own limit if none is given.")
  var memoryMb: Int?

  @Option(help: "Seed of the interpreter's random numbers.")
  var seed: UInt64?

  @OptionGroup var sandbox: SandboxOptions
  @OptionGroup var output: JSONOption

  func run() async throws {
    let sandbox = Sandbox(try sandbox.configuration())
    if list { return LanguageList.show(await sandbox.languages(), json: output.json) }
    guard let language else { throw UsageError(description: "give --language NAME, or --list to see them") }
    let request = try request(language, limits: try limits(of: language, in: sandbox))
    let result = await sandbox.run(request)
    await sandbox.shutdown()
    if let into { try write(result.files, into: into) }
    if output.json { Terminal.standardOutput.writeLine(result.json.serialized()) } else { show(result) }
    if result.status != .ok { throw ExitCode(1) }
  }

  private func limits(of language: String, in sandbox: Sandbox) throws -> ExecutionLimits {
    var limits: ExecutionLimits
    do {
      limits = try sandbox.limits(of: language)
    } catch {
      throw UsageError(description: error.description)
    }
    if let timeout {
      guard timeout >= 0.001, timeout <= 86_400 else {
        throw UsageError(description: "--timeout must be 0.001 to 86400 seconds")
      }
      limits.wall = .milliseconds(Int64((timeout * 1000).rounded()))
    }
    if let memoryMb {
      guard (16...1 << 20).contains(memoryMb) else {
        throw UsageError(description: "--memory-mb must be 16 to 1048576")
      }
      limits.memoryBytes = memoryMb << 20
    }
    return limits
  }

  private func request(_ language: String, limits: ExecutionLimits) throws -> ExecutionRequest {
    if input == "-", file == nil {
      throw UsageError(description: "--input - needs --file: standard input holds the code already")
    }
    guard let code = String(validating: try file.map(read) ?? readInput(), as: UTF8.self) else {
      throw UsageError(description: "\(file ?? "standard input") is not UTF-8 text")
    }
    let files = try additions.map { addition in
      let parts = addition.split(separator: "=", maxSplits: 1).map(String.init)
      let path = parts.last ?? addition
      return SandboxFile(
        name: parts.count == 2 ? parts[0] : URL(fileURLWithPath: path).lastPathComponent, contents: try read(path))
    }
    return ExecutionRequest(
      language: language, code: code, arguments: arguments,
      input: try input.map { $0 == "-" ? readInput() : try read($0) } ?? [], files: files, collect: collect,
      limits: limits, seed: seed)
  }

  private func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UsageError(description: "cannot read \(path): check that it exists and is readable")
    }
    return Array(data)
  }

  private func readInput() -> [UInt8] { Array(FileHandle.standardInput.readDataToEndOfFile()) }

  /// The names were checked when the sandbox took the files: they do not lead out of the folder.
  private func write(_ files: [SandboxFile], into folder: String) throws {
    for file in files {
      let path = URL(fileURLWithPath: folder).appendingPathComponent(file.name)
      try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents).write(to: path)
    }
  }

  private func show(_ result: ExecutionResult) {
    func show(_ text: String, on terminal: Terminal) {
      terminal.write(terminal.isTerminal ? TerminalText.harmless(text) : text)
    }
    show(result.stdout, on: .standardOutput)
    show(result.stderr, on: .standardError)
    for error in result.fileErrors { Terminal.standardError.writeLine("agentenv: \(TerminalText.onOneLine(error))") }
    guard result.status != .ok else { return }
    let reason = result.message ?? result.exitCode.map { "exit code \($0)" } ?? "it did not run"
    let start = result.stderr.isEmpty || result.stderr.hasSuffix("\n") ? "" : "\n"
    Terminal.standardError.writeLine("\(start)agentenv: \(result.status.rawValue): \(TerminalText.onOneLine(reason))")
  }
}
