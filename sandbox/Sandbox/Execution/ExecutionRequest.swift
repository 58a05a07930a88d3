/// A program to run, with what it reads and what it may use.
public struct ExecutionRequest: Sendable, Hashable {
  /// A language's name or alias, e.g. `python`.
  public var language: String
  public var code: String
  /// The program's own arguments.
  public var arguments: [String]
  /// Standard input.
  public var input: [UInt8]
  /// Files laid into the work directory before the program starts.
  public var files: [SandboxFile]
  /// Paths or globs (`*.png`, `out/*`), relative to the work directory, of files to bring back.
  public var collect: [String]
  /// What it may use; nil: the language's own limits.
  public var limits: ExecutionLimits?
  /// When the caller stops waiting: the time in the queue and the program's time end there at the latest.
  public var deadline: ContinuousClock.Instant?
  /// Seed of the interpreter's random numbers, where the language has a zygote; nil: other numbers every time.
  public var seed: UInt64?

  public init(
    language: String, code: String, arguments: [String] = [], input: [UInt8] = [], files: [SandboxFile] = [],
    collect: [String] = [], limits: ExecutionLimits? = nil, deadline: ContinuousClock.Instant? = nil,
    seed: UInt64? = nil
  ) {
    self.language = language
    self.code = code
    self.arguments = arguments
    self.input = input
    self.files = files
    self.collect = collect
    self.limits = limits
    self.deadline = deadline
    self.seed = seed
  }
}

extension ExecutionRequest {
  /// Why this cannot be run under these limits, if it cannot; nothing has been executed then.
  /// - Parameter programFile: the name under which the code itself lies in the work directory, if it does.
  func problem(under limits: ExecutionLimits, programFile: String?) -> String? {
    if let problem = limits.problem { return problem }
    if code.utf8.count > limits.programBytes {
      return "the program has \(code.utf8.count) bytes: at most \(limits.programBytes) are allowed"
    }
    let inputBytes = input.count + files.reduce(0) { $0 + $1.contents.count }
    if inputBytes > limits.inputBytes {
      return "standard input and files have \(inputBytes) bytes: at most \(limits.inputBytes) are allowed"
    }
    if inputBytes - input.count + code.utf8.count > limits.workBytes {
      return "the files do not fit into the work directory's \(limits.workBytes) bytes"
    }
    if files.count + 1 > limits.workFiles {
      return "there are \(files.count) files: at most \(limits.workFiles - 1) are allowed"
    }
    if arguments.contains(where: { $0.utf8.contains(0) }) { return "an argument contains a NUL byte" }
    if arguments.count > 1024 || arguments.reduce(0, { $0 + $1.utf8.count }) > 64 << 10 {
      return "there are more than 1024 arguments, or more than 65536 bytes of them"
    }
    if let problem = SandboxFile.problem(with: files.map(\.name) + (programFile.map { [$0] } ?? [])) { return problem }
    if collect.count > 256 { return "there are \(collect.count) patterns of files to collect: at most 256 are allowed" }
    return collect.lazy.compactMap(SandboxFile.problem(withName:)).first
  }
}
