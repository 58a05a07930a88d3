import EnvironmentKit
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import SessionEngine
import Tokenization
import TrajectoryStore

/// Serves environments over HTTP and WebSocket until it is shut down.
///
/// Run it in a `ServiceGroup` with the signals it shall stop at. On shutdown it accepts no more connections, finishes the
/// steps that are being taken, says goodbye to its clients and records their episodes as aborted.
public struct EnvironmentServer: Service, CustomStringConvertible {
  public struct Options: Sendable {
    public var host = "127.0.0.1"
    /// 0 for any free one.
    public var port = 8000
    /// Clients at the same time.
    public var maxSessions = 256
    public var webSocket = WebSocketLimits()
    /// How tool calls are written in a policy's text.
    public var toolCallFormat = ToolCallParser.hermes

    public init() {}
  }

  /// What logs call the server.
  public var description: String { "environment server" }

  private let options: Options
  private let host: EnvironmentHost
  private let onListening: @Sendable (_ port: Int) async -> Void

  /// - Parameters:
  ///   - environments: at least one; the first is meant where a client names none.
  ///   - store: where episodes are recorded; nil records nothing.
  ///   - onListening: called once, when connections are accepted.
  public init(
    environments: [EnvironmentDefinition], store: TrajectoryStore?, options: Options = Options(), logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void
  ) {
    precondition(!environments.isEmpty, "a server needs an environment")
    self.options = options
    self.onListening = onListening
    host = EnvironmentHost(
      environments: environments,
      engine: SessionEngine(store: store, limits: SessionLimits(maxSessions: options.maxSessions)),
      places: ClientPlaces(limit: options.maxSessions), readMessage: MessageReader(format: options.toolCallFormat),
      logger: logger)
  }

  /// - Throws: `ServerError` if it cannot listen.
  public func run() async throws {
    let router = Router()
    router.add(middleware: JSONErrors())
    OpenEnvRoutes(host: host).add(to: router)
    TaskRoutes(host: host).add(to: router)
    let application = Application(
      router: router, server: connections,
      configuration: .init(address: .hostname(options.host, port: options.port), serverName: "agentenv"),
      onServerRunning: { await onListening($0.localAddress?.port ?? options.port) }, logger: quietLogger)
    do {
      try await application.run()
    } catch let error as IOError {
      throw ServerError(error, host: options.host, port: options.port)
    }
    await host.engine.abortAll()
  }

  private var connections: HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let socket = OpenEnvSocket(host: host)
      return WebSocketUpgradableChannel(
        responder: responder, limits: options.webSocket, accepts: { $0 == "/ws" },
        serve: { connection, _ in await socket.serve(connection, logger: host.logger) })
    }
  }

  /// Hummingbird tells about every start and stop; its warnings are enough.
  private var quietLogger: Logger {
    var logger = host.logger
    logger.logLevel = max(logger.logLevel, .notice)
    return logger
  }
}

/// Why a server cannot listen.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
  case portInUse(host: String, port: Int)
  case portNotAllowed(port: Int)
  case cannotListen(host: String, port: Int, reason: String)

  init(_ error: IOError, host: String, port: Int) {
    switch error.errnoCode {
    case EADDRINUSE: self = .portInUse(host: host, port: port)
    case EACCES: self = .portNotAllowed(port: port)
    default: self = .cannotListen(host: host, port: port, reason: "\(error)")
    }
  }

  public var description: String {
    switch self {
    case .portInUse(let host, let port):
      "port \(port) of \(host) is in use: choose another with --port, or --port 0 for any free one"
    case .portNotAllowed(let port): "port \(port) needs privileges: choose one from 1024 with --port"
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason); check --host"
    }
  }
}
