import AgentCore
import Sandbox

/// Runs code in the sandbox: `{"code": "print(6 * 7)"}` → `42`.
public final class CodeExecutionTool: Tool {
  public let schema: ToolSchema
  public let isSequential: Bool
  private let sandbox: Sandbox
  private let settings: CodeExecutionSettings
  private let limits: ExecutionLimits
  private let interpreter: Interpreter?

  /// Between the end of a program at the call's deadline and the deadline itself, so that its output can be shown.
  private static let margin = Duration.milliseconds(300)

  /// - Parameters:
  ///   - name: under which it is offered: `python`, `bash`, `code`.
  ///   - sandbox: one for the whole process; it is not shut down here.
  /// - Throws: `SandboxError.unknownLanguage`. Nothing is started before the first call.
  public init(name: String, sandbox: Sandbox, settings: CodeExecutionSettings) throws(SandboxError) {
    self.sandbox = sandbox
    self.settings = settings
    limits = try settings.limits(sandbox)
    isSequential = settings.isStateful
    interpreter = settings.isStateful ? Interpreter(sandbox, settings.language, limits) : nil
    schema = Self.schema(name, settings)
  }

  private static func schema(_ name: String, _ settings: CodeExecutionSettings) -> ToolSchema {
    let memory =
      settings.isStateful
      ? "Variables, imports and files stay for later calls; the value of a last expression is shown."
      : "Every call is a program of its own: nothing stays, so print what you need."
    return ToolSchema(
      name: name,
      description: "Run \(settings.language) code in a sandbox without network and get what it prints. \(memory) "
        + "At most \(settings.timeout) and \(settings.memoryBytes >> 20) MiB.",
      parameters: [
        "type": "object",
        "properties": [
          "code": ["type": "string", "minLength": 1, "description": "The code to run"],
          "stdin": ["type": "string", "description": "Its standard input; empty if absent"],
        ],
        "required": ["code"],
        "additionalProperties": false,
      ])
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    let code = arguments["code"]?.stringValue ?? ""
    let input = Array((arguments["stdin"]?.stringValue ?? "").utf8)
    let left = context.deadline - .now
    let deadline = left > Self.margin * 3 ? context.deadline - Self.margin : context.deadline
    let result: ExecutionResult
    var isFresh = false
    if let interpreter {
      (result, isFresh) = await interpreter.run(code, input: input, seed: context.seed, deadline: deadline)
    } else {
      result = await sandbox.run(
        ExecutionRequest(language: settings.language, code: code, input: input, limits: limits, deadline: deadline))
    }
    if result.status == .cancelled { throw CancellationError() }
    return ToolOutput(
      status: Self.status(result),
      content: ExecutionText.text(of: result, limits: limits, characters: settings.outputCharacters, isFresh: isFresh),
      isolation: result.isolation == .none ? nil : result.isolation)
  }

  public func close() async { await interpreter?.close() }

  private static func status(_ result: ExecutionResult) -> ToolStatus {
    switch result.status {
    case .ok: .ok
    case .timeout: .timeout
    case .sandboxUnavailable where result.sessionLost: .error
    case .violation, .sandboxUnavailable: .denied
    case .error, .memoryLimit, .outputLimit, .cancelled: .error
    }
  }
}

/// The sandbox session of one episode, opened with its first call and again when it was lost.
actor Interpreter {
  private let sandbox: Sandbox
  private let language: String
  private let limits: ExecutionLimits
  private var session: SandboxSession?
  private var isClosed = false

  init(_ sandbox: Sandbox, _ language: String, _ limits: ExecutionLimits) {
    self.sandbox = sandbox
    self.language = language
    self.limits = limits
  }

  /// Runs one cell. Says whether it ran in a new interpreter after an earlier one was lost.
  func run(
    _ code: String, input: [UInt8], seed: Int, deadline: ContinuousClock.Instant
  ) async -> (ExecutionResult, isFresh: Bool) {
    let wasLost = session?.isLost == true
    if wasLost {
      await session?.close()
      session = nil
    }
    do throws(SandboxError) {
      let session = try await open(seed: seed)
      return (await session.run(code, input: input, limits: limits, deadline: deadline), wasLost)
    } catch {
      let status: ExecutionStatus = error == .cancelled ? .cancelled : .sandboxUnavailable
      return (ExecutionResult(status: status, message: error.description), wasLost)
    }
  }

  private func open(seed: Int) async throws(SandboxError) -> SandboxSession {
    if let session { return session }
    guard !isClosed else { throw .cancelled }
    let opened = try await sandbox.openSession(
      language: language, limits: limits, seed: UInt64(bitPattern: Int64(seed)))
    // While it was opened the episode may have ended, or an abandoned call have opened one.
    guard !isClosed, session == nil else {
      await opened.close()
      guard let session else { throw .cancelled }
      return session
    }
    session = opened
    return opened
  }

  func close() async {
    isClosed = true
    await session?.close()
    session = nil
  }
}
