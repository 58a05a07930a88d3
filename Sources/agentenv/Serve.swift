import ArgumentParser
import EnvironmentKit
import EnvironmentServer
import Logging
import Sandbox
import ServiceLifecycle
import TerminalOutput
import TrajectoryStore

/// `agentenv serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve environments over the OpenEnv protocol.",
    discussion: """
      The first --env is meant where a client names none (/ws?env=NAME, or "env" in a reset); without --env, all
      built-in environments are served. Prints `listening on http://HOST:PORT` when it accepts connections. SIGTERM and
      SIGINT finish the steps that are being taken, record open episodes as aborted and end the program.
      """)

  @OptionGroup var environments: EnvironmentOptions

  @Option(
    help: "The address to listen on. This version knows no passwords: leave it at loopback unless the network is yours."
  )
  var host = "127.0.0.1"

  @Option(help: "The port to listen on; 0 for any free one.")
  var port = 8000

  @Option(help: "The trajectory store, a SQLite file; made if it is not there.")
  var store = "agentenv.sqlite"

  @Flag(help: "Record nothing.")
  var noStore = false

  @Option(help: "Clients at the same time.")
  var maxSessions = 256

  @OptionGroup var sandbox: SandboxOptions

  @Option(help: "What is logged to stderr: trace, debug, info, notice, warning, error or critical.")
  var logLevel = Logger.Level.warning

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    guard maxSessions > 0 else { throw ValidationError("--max-sessions must be at least 1, not \(maxSessions)") }
  }

  func run() async throws {
    let logger = makeLogger()
    let sandboxes = Sandboxes(try sandboxConfiguration())
    let server = EnvironmentServer(
      environments: try definitions(sandboxes), store: noStore ? nil : try TrajectoryStore(path: store),
      options: options, logger: logger, onListening: announce)
    var services = ServiceGroupConfiguration(
      services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    services.maximumGracefulShutdownDuration = .seconds(30)
    try await ServiceGroup(configuration: services).run()
    await sandboxes.shutdown()
  }

  /// Room for an interpreter in every session, and for scoring beside them.
  private func sandboxConfiguration() throws -> SandboxConfiguration {
    var configuration = try sandbox.configuration()
    configuration.maxSessions = max(configuration.maxSessions, maxSessions + 4 * configuration.workers)
    return configuration
  }

  private func definitions(_ sandboxes: Sandboxes) throws -> [EnvironmentDefinition] {
    let (registry, names) = try environments.load(sandboxes: sandboxes)
    return try names.map { try registry.definition($0) }
  }

  private var options: EnvironmentServer.Options {
    var options = EnvironmentServer.Options()
    options.host = host
    options.port = port
    options.maxSessions = maxSessions
    return options
  }

  private func makeLogger() -> Logger {
    var logger = Logger(label: "agentenv", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = logLevel
    return logger
  }

  private func announce(port: Int) {
    Terminal.standardOutput.writeLine("listening on http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
