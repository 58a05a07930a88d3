import EnvironmentKit
import Hummingbird
import HummingbirdCore
import Logging

/// Serves one `/ws` connection: a place, a conversation, and at the end neither.
struct OpenEnvSocket: Sendable {
  let host: EnvironmentHost

  func serve(_ connection: WebSocketConnection, logger: Logger) async {
    guard host.places.enter() else {
      logger.notice("client turned away: at capacity", metadata: ["limit": "\(host.places.limit)"])
      return await refuse(connection, .capacity(active: host.places.active, limit: host.places.limit))
    }
    defer { host.places.leave() }
    do {
      let conversation = OpenEnvConversation(
        host: host, definition: try definition(for: connection), logger: logger)
      await connection.serve { await conversation.answer($0) }
      // In a task of its own, because this one is cancelled when the client is gone; the record is still to be written.
      await Task { await conversation.end() }.value
    } catch {
      await refuse(connection, error)
    }
  }

  /// The environment that the connection's query asks for.
  private func definition(for connection: WebSocketConnection) throws(OpenEnvError) -> EnvironmentDefinition {
    let query = URI(connection.uri).queryParameters
    if let id = query["session_id"] {
      throw OpenEnvError(code: .session, message: "Unknown session_id: \(id)")
    }
    guard let name = query["env"] else { return host.defaultEnvironment }
    do {
      return try host.definition(named: String(name))
    } catch {
      throw OpenEnvError(code: .factory, message: "\(error)", details: ["factory_name": .string(String(name))])
    }
  }

  /// The error comes as the first frame; OpenEnv's clients read it as the answer to their first request.
  private func refuse(_ connection: WebSocketConnection, _ error: OpenEnvError) async {
    await connection.serve(greeting: [.text(error.frame.serializedBytes()), .close(.normal)]) { _ in [] }
  }
}
