import AgentCore

/// The tools of one session, by name.
public struct ToolRegistry: Sendable {
  private let entries: [String: Entry]
  /// In the order in which the tools were given.
  public let schemas: [ToolSchema]
  private let cache: ToolCache?

  private struct Entry: Sendable {
    let tool: any Tool
    let arguments: ArgumentSchema
    let pureOver: String?
  }

  /// - Parameter cache: where answers of pure tools are shared with other sessions; nil shares none.
  /// - Throws: `ToolError` if two tools share a name, or a schema is not one that arguments can be checked against.
  public init(_ tools: [any Tool], cache: ToolCache? = nil) throws(ToolError) {
    var entries: [String: Entry] = [:]
    for tool in tools {
      let schema = tool.schema
      guard entries[schema.name] == nil else { throw .duplicateName(schema.name) }
      entries[schema.name] = Entry(
        tool: tool, arguments: try ArgumentSchema(schema, checking: tool.argumentChecking), pureOver: tool.pureOver)
    }
    self.entries = entries
    self.cache = cache
    schemas = tools.map(\.schema)
  }

  public var names: [String] { schemas.map(\.name) }

  /// Why a call cannot be run at all (unknown tool, arguments that do not fit its schema), as the policy reads it; nil if
  /// it can.
  public func problem(with call: ToolCall) -> String? {
    guard let entry = entries[call.name] else {
      return "there is no tool `\(call.name)`; the tools are: \(names.joined(separator: ", "))"
    }
    let problems = entry.arguments.problems(with: call.arguments)
    guard !problems.isEmpty else { return nil }
    return "bad arguments for `\(call.name)`: \(problems.joined(separator: "; "))"
  }

  /// Runs one call. Whatever happens (bad arguments, a tool that throws, hangs or is unknown) is a result.
  public func call(_ call: ToolCall, seed: Int = 0, deadline: ContinuousClock.Instant) async -> ToolResult {
    let start = ContinuousClock.now
    let output = await output(of: call, seed: seed, deadline: deadline)
    return ToolResult(
      id: call.id, status: output.status, content: output.content, duration: ContinuousClock.now - start,
      isolation: output.isolation)
  }

  /// Runs calls at the same time, those of a sequential tool one after the other; the results are in the order of the
  /// calls.
  public func call(_ calls: [ToolCall], seed: Int = 0, deadline: ContinuousClock.Instant) async -> [ToolResult] {
    if calls.count == 1 { return [await call(calls[0], seed: seed, deadline: deadline)] }
    return await withTaskGroup(of: [(Int, ToolResult)].self) { group in
      for indices in lanes(of: calls) {
        group.addTask {
          var results: [(Int, ToolResult)] = []
          for index in indices {
            results.append((index, await call(calls[index], seed: seed, deadline: deadline)))
          }
          return results
        }
      }
      var results: [(Int, ToolResult)] = []
      for await lane in group { results += lane }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// The indices of the calls, those together that run one after the other.
  private func lanes(of calls: [ToolCall]) -> [[Int]] {
    var lanes: [[Int]] = []
    var laneOfTool: [String: Int] = [:]
    for (index, call) in calls.enumerated() {
      guard entries[call.name]?.tool.isSequential == true else {
        lanes.append([index])
        continue
      }
      if let lane = laneOfTool[call.name] {
        lanes[lane].append(index)
      } else {
        laneOfTool[call.name] = lanes.count
        lanes.append([index])
      }
    }
    return lanes
  }

  /// Frees what the tools hold. Once, after the last call.
  public func close() async {
    await withTaskGroup { group in
      for entry in entries.values { group.addTask { await entry.tool.close() } }
    }
  }

  private func output(of call: ToolCall, seed: Int, deadline: ContinuousClock.Instant) async -> ToolOutput {
    if let problem = problem(with: call) { return .error(problem) }
    guard let entry = entries[call.name], case .object(let arguments) = call.arguments else {
      preconditionFailure("\(call.name) was checked but cannot be called")
    }
    let context = ToolContext(callID: call.id, seed: seed, deadline: deadline)
    do {
      return try await output(of: entry, arguments, context)
    } catch is DeadlineExceeded {
      return ToolOutput(status: .timeout, content: "error: `\(call.name)` did not answer in time")
    } catch is CancellationError {
      return ToolOutput(status: .timeout, content: "error: `\(call.name)` was cancelled")
    } catch {
      return .error("`\(call.name)` failed: \(error)")
    }
  }

  private func output(of entry: Entry, _ arguments: JSONObject, _ context: ToolContext) async throws -> ToolOutput {
    let tool = entry.tool
    if tool.isImmediate { return try await tool.call(arguments, context: context) }
    let deadline = context.deadline
    guard let cache, let pureOver = entry.pureOver else {
      return try await withDeadline(deadline) { try await tool.call(arguments, context: context) }
    }
    let key = ToolCache.Key(tool: tool.schema.name, pureOver: pureOver, arguments: arguments)
    if let kept = cache.answer(to: key) { return kept }
    return try await withDeadline(deadline) {
      try await cache.output(for: key, deadline: deadline) { try await tool.call(arguments, context: context) }
    }
  }
}

/// A tool that cannot be offered.
public enum ToolError: Error, Sendable, Equatable, CustomStringConvertible {
  case duplicateName(String)
  /// The tool's own schema is wrong.
  case badSchema(tool: String, path: String, reason: String)

  public var description: String {
    switch self {
    case .duplicateName(let name): "two tools are called `\(name)`: give each its own name"
    case .badSchema(let tool, let path, let reason):
      "tool `\(tool)`: parameter schema\(path.isEmpty ? "" : " at \(path)"): \(reason)"
    }
  }
}
