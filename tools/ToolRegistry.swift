import AgentCore

/// The tools of one session, by name.
public struct ToolRegistry: Sendable {
  private let entries: [String: Entry]
  /// In the order in which the tools were given.
  public let schemas: [ToolSchema]

  private struct Entry: Sendable {
    let tool: any Tool
    let arguments: ArgumentSchema
  }

  /// - Throws: `ToolError` if two tools share a name, or a schema is not one that arguments can be checked against.
  public init(_ tools: [any Tool]) throws(ToolError) {
    var entries: [String: Entry] = [:]
    for tool in tools {
      let schema = tool.schema
      guard entries[schema.name] == nil else { throw .duplicateName(schema.name) }
      entries[schema.name] = Entry(tool: tool, arguments: try ArgumentSchema(schema))
    }
    self.entries = entries
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
      id: call.id, status: output.status, content: output.content, duration: ContinuousClock.now - start)
  }

  /// Runs calls at the same time; the results are in the order of the calls.
  public func call(_ calls: [ToolCall], seed: Int = 0, deadline: ContinuousClock.Instant) async -> [ToolResult] {
    if calls.count == 1 { return [await call(calls[0], seed: seed, deadline: deadline)] }
    return await withTaskGroup(of: (Int, ToolResult).self) { group in
      for (index, one) in calls.enumerated() {
        group.addTask { (index, await call(one, seed: seed, deadline: deadline)) }
      }
      var results: [(Int, ToolResult)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func output(of call: ToolCall, seed: Int, deadline: ContinuousClock.Instant) async -> ToolOutput {
    if let problem = problem(with: call) { return .error(problem) }
    guard let tool = entries[call.name]?.tool, case .object(let arguments) = call.arguments else {
      preconditionFailure("\(call.name) was checked but cannot be called")
    }
    let context = ToolContext(callID: call.id, seed: seed, deadline: deadline)
    do {
      if tool.isImmediate { return try await tool.call(arguments, context: context) }
      return try await withDeadline(deadline) { try await tool.call(arguments, context: context) }
    } catch is DeadlineExceeded {
      return ToolOutput(status: .timeout, content: "error: `\(call.name)` did not answer in time")
    } catch is CancellationError {
      return ToolOutput(status: .timeout, content: "error: `\(call.name)` was cancelled")
    } catch {
      return .error("`\(call.name)` failed: \(error)")
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
