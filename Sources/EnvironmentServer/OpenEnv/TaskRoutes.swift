import AgentCore
import EnvironmentKit
import HTTPTypes
import Hummingbird

/// OpenEnv's task API: which tasks an environment has. Payloads are left out, they may hold the answers.
struct TaskRoutes: Sendable {
  let host: EnvironmentHost

  /// Tasks in one answer.
  private static let maxTasks = 10_000

  func add(to router: Router<BasicRequestContext>) {
    router.get("list_environments") { _, _ in
      Response(json: .array(host.environments.map { .string($0.name) }))
    }
    router.get("{env}/splits") { _, context in
      let definition = try definition(context)
      let splits = Split.allCases.filter { definition.tasks.count(of: $0) != 0 }
      return Response(json: .array(splits.map { ["name": .string($0.rawValue), "type": .string($0.rawValue)] }))
    }
    router.post("{env}/tasks") { request, context in
      let (definition, split, _) = try await choice(request, context)
      let tasks = try range(0..<count(of: split, in: definition), of: split, in: definition)
      return Response(json: ["tasks": tasks, "env_name": .string(definition.name)])
    }
    router.post("{env}/num_tasks") { request, context in
      let (definition, split, _) = try await choice(request, context)
      return Response(json: ["num_tasks": JSONValue(try count(of: split, in: definition))])
    }
    router.post("{env}/task") { request, context in
      let (definition, split, fields) = try await choice(request, context)
      guard let index = try fields.natural("index") else { throw RequestProblem.missing("index", in: .null) }
      return Response(json: ["task": try task(split, index, in: definition)])
    }
    router.post("{env}/task_range") { request, context in
      let (definition, split, fields) = try await choice(request, context)
      let start = try fields.natural("start") ?? 0
      let stop = try fields.natural("stop") ?? count(of: split, in: definition)
      guard start <= stop else { throw HTTPError(.badRequest, message: "start \(start) is after stop \(stop)") }
      return Response(json: ["tasks": try range(start..<stop, of: split, in: definition)])
    }
  }

  private func definition(_ context: BasicRequestContext) throws -> EnvironmentDefinition {
    let name = try context.parameters.require("env")
    do {
      return try host.definition(named: name)
    } catch {
      throw HTTPError(.notFound, message: "unknown environment '\(name)'")
    }
  }

  private func choice(
    _ request: Request, _ context: BasicRequestContext
  ) async throws -> (EnvironmentDefinition, Split, RequestFields) {
    let definition = try definition(context)
    let fields = RequestFields(try await request.jsonObject(isOptional: false))
    guard let split = try fields.split("split") else {
      throw RequestProblem.missing("split", in: .object(fields.fields))
    }
    return (definition, split, fields)
  }

  private func count(of split: Split, in definition: EnvironmentDefinition) throws -> Int {
    guard let count = definition.tasks.count(of: split) else {
      throw HTTPError(
        .notImplemented,
        message: "the tasks of '\(definition.name)' are generated and never end: ask for single ones by index")
    }
    return count
  }

  private func range(_ range: Range<Int>, of split: Split, in definition: EnvironmentDefinition) throws -> JSONValue {
    guard range.count <= Self.maxTasks else {
      throw HTTPError(.badRequest, message: "at most \(Self.maxTasks) tasks in one answer: use task_range")
    }
    return .array(try range.map { try task(split, $0, in: definition) })
  }

  private func task(_ split: Split, _ index: Int, in definition: EnvironmentDefinition) throws -> JSONValue {
    if let count = definition.tasks.count(of: split), index >= count {
      let error = EnvironmentError.noTask(environment: definition.name, split: split, index: index, count: count)
      throw HTTPError(.badRequest, message: error.description)
    }
    do {
      guard case .object(var fields) = try definition.tasks.task(split, at: index).publicJSON else { return .null }
      fields["index"] = JSONValue(index)
      return .object(fields)
    } catch let error as EnvironmentError {
      throw HTTPError(.badRequest, message: error.description)
    }
  }
}
