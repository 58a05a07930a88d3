import AgentCore
import AgentTools
import EnvironmentKit
import HTTPTypes
import Hummingbird
import SessionEngine

/// OpenEnv's HTTP endpoints.
///
/// `/reset`, `/step` and `/state` keep nothing between requests, as in OpenEnv: each works on a fresh episode, which is
/// not recorded. Episodes are played over `/ws`.
struct OpenEnvRoutes: Sendable {
  let host: EnvironmentHost

  func add(to router: Router<BasicRequestContext>) {
    router.get("health") { _, _ in Response(json: ["status": "healthy"]) }
    router.get("metadata") { request, _ in try metadata(request) }
    router.get("schema") { _, _ in Response(json: OpenEnvSchema.json) }
    router.get("openapi.json") { _, _ in Response(json: EndpointList.openAPI) }
    router.get("docs") { _, _ in DocumentationPage.response(host.environments) }
    router.post("reset") { request, _ in try await reset(request) }
    router.post("step") { request, _ in try await step(request) }
    router.get("state") { request, _ in try state(request) }
    router.get("ws") { _, _ in upgradeRequired() }
  }

  // MARK: Description

  private func metadata(_ request: Request) throws -> Response {
    let definition = try definition(request)
    return Response(json: [
      "name": .string(definition.name), "description": .string(definition.description), "readme_content": .null,
      "version": .string(definition.version), "author": .null, "documentation_url": "/docs",
    ])
  }

  private func definition(_ request: Request, _ options: EpisodeOptions? = nil) throws -> EnvironmentDefinition {
    guard let name = options?.environment ?? request.uri.queryParameters["env"].map(String.init) else {
      return host.defaultEnvironment
    }
    return try host.definition(named: name)
  }

  // MARK: One request, one episode

  private func reset(_ request: Request) async throws -> Response {
    let options = try await EpisodeOptions(request.jsonObject(isOptional: true))
    return try await withEpisode(options, of: definition(request, options)) { session in
      Response(json: OpenEnvObservation.opening(session, ignoredFields: options.ignored).httpJSON)
    }
  }

  private func step(_ request: Request) async throws -> Response {
    var body = try await request.jsonObject(isOptional: false)
    let fields = RequestFields(body)
    let given = try fields.required("action")
    let timeout = try fields.seconds("timeout_s") ?? .seconds(86_400)
    _ = try fields.string("request_id", maxLength: 255)
    for key in ["action", "timeout_s", "request_id"] { body[key] = nil }
    let options = try EpisodeOptions(body)
    let action: OpenEnvAction
    do { action = try OpenEnvAction(given, readMessage: host.readMessage) } catch { throw error.inside("action") }
    return try await withEpisode(options, of: definition(request, options)) { session in
      do {
        let observation = try await withDeadline(.now + timeout) { try await session.observation(after: action) }
        return Response(json: observation.httpJSON)
      } catch is DeadlineExceeded {
        throw HTTPError(.gatewayTimeout, message: "the step took longer than timeout_s")
      }
    }
  }

  private func state(_ request: Request) throws -> Response {
    Response(json: [
      "episode_id": .null, "step_count": 0, "environment": .string(try definition(request).name),
    ])
  }

  /// Opens an episode that is not recorded and ends it after `body`.
  private func withEpisode(
    _ options: EpisodeOptions, of definition: EnvironmentDefinition, _ body: (Session) async throws -> Response
  ) async throws -> Response {
    guard host.places.enter() else {
      throw HTTPError(
        .serviceUnavailable, headers: [.retryAfter: "1"],
        message: OpenEnvError.capacity(active: host.places.active, limit: host.places.limit).message)
    }
    defer { host.places.leave() }
    let session = try await host.engine.open(options.request(in: definition, isRecorded: false))
    do {
      let response = try await body(session)
      _ = try? await session.abort()
      return response
    } catch {
      _ = try? await session.abort()
      throw error
    }
  }

  /// A `/ws` request that was not the first of its connection, or does not ask for a WebSocket.
  private func upgradeRequired() -> Response {
    var response = Response(
      detail: "this is a WebSocket endpoint: connect with a WebSocket client, on a connection of its own",
      status: .upgradeRequired)
    response.headers[.upgrade] = "websocket"
    response.headers[.connection] = "close"
    return response
  }
}
