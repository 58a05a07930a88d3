import AgentCore
import EnvironmentKit
import Logging
import SessionEngine

/// What one `/ws` client says and is answered. It has at most one open episode; a reset ends the one before.
actor OpenEnvConversation {
  private let host: EnvironmentHost
  private let definition: EnvironmentDefinition
  private var logger: Logger
  private var session: Session?
  private var episodeID: String?

  init(host: EnvironmentHost, definition: EnvironmentDefinition, logger: Logger) {
    self.host = host
    self.definition = definition
    self.logger = logger
  }

  /// Answers one message.
  func answer(_ message: WebSocketMessage) async -> [WebSocketReply] {
    do throws(OpenEnvError) {
      guard case .text(let text) = message else {
        throw OpenEnvError(code: .invalidJSON, message: "Invalid JSON: send text frames, not binary ones")
      }
      guard let reply = try await answer(OpenEnvRequest(text, readMessage: host.readMessage)) else {
        return [.close(.normal)]
      }
      return [.text(reply.serializedBytes())]
    } catch {
      logger.debug("request failed", metadata: ["code": "\(error.code.rawValue)", "error": "\(error.message)"])
      return [.text(error.frame.serializedBytes())]
    }
  }

  /// Ends the episode because the client is gone; it is recorded as aborted.
  func end() async {
    guard let session else { return }
    self.session = nil
    do {
      let outcome = try await session.abort()
      logger.info("session ended", metadata: ["termination": "\(outcome.termination.rawValue)"])
    } catch {
      logger.error("session could not be ended", metadata: ["error": "\(error)"])
    }
  }

  private func answer(_ request: OpenEnvRequest) async throws(OpenEnvError) -> JSONValue? {
    switch request {
    case .reset(let options): ["type": "observation", "data": try await reset(options).json]
    case .step(let action): ["type": "observation", "data": try await step(action).json]
    case .state: ["type": "state", "data": await state()]
    case .mcp(let call): ["type": "mcp", "data": JSONRPC.methodNotFound(call)]
    case .close: nil
    }
  }

  private func reset(_ options: EpisodeOptions) async throws(OpenEnvError) -> OpenEnvObservation {
    await end()
    do {
      let definition = try options.environment.map { try host.definition(named: $0) } ?? definition
      let session = try await host.engine.open(options.request(in: definition, isRecorded: true))
      self.session = session
      episodeID = options.episodeID
      logger[metadataKey: "session"] = "\(session.id)"
      logger.info("session opened", metadata: ["environment": "\(definition.name)", "task": "\(session.task.id)"])
      return .opening(session, ignoredFields: options.ignored)
    } catch {
      throw .execution(error)
    }
  }

  private func step(_ action: OpenEnvAction) async throws(OpenEnvError) -> OpenEnvObservation {
    if case .listTools = action { return .toolList(session?.tools ?? definition.toolSchemas) }
    guard let session else {
      throw OpenEnvError(code: .execution, message: "there is no episode: send a reset first")
    }
    do {
      return try await session.observation(after: action)
    } catch {
      throw .execution(error)
    }
  }

  private func state() async -> JSONValue {
    guard let session else {
      return ["episode_id": .null, "step_count": 0, "environment": .string(definition.name)]
    }
    return await session.stateJSON(episodeID: episodeID)
  }
}

extension Session {
  /// Takes the action and shows the answer in its own form.
  func observation(after action: OpenEnvAction) async throws -> OpenEnvObservation {
    switch action {
    case .listTools: .toolList(tools)
    case .call(let name, let arguments):
      .call(name, try await step(callTool: name, arguments: arguments), tools: tools)
    case .turn(let action): .turn(try await step(withCallIDs(action)))
    }
  }

  /// Calls that came without an id get one that is unique in the episode.
  private func withCallIDs(_ action: Action) -> Action {
    var action = action
    let turn = trajectory.turns.count
    for index in action.toolCalls.indices where action.toolCalls[index].id.isEmpty {
      action.toolCalls[index].id = "call_\(turn)_\(index)"
    }
    return action
  }
}
