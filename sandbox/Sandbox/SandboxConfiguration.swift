import Foundation

/// How a sandbox is to be.
public struct SandboxConfiguration: Sendable {
  /// The launcher's path; nil: AGENTENV_SANDBOX, or beside the running program.
  public var launcherPath: String?
  /// What has to be given before anything is run.
  public var isolation = IsolationRequirement.required
  /// A mode to use instead of the best one that the machine gives.
  public var mode: IsolationMode?
  /// Layers that are not to be used (`landlock`, `cgroup`, `notify`), to see what remains without them.
  public var disabledLayers: [String] = []
  /// Programs that run at once, cells of sessions included.
  public var workers = ProcessInfo.processInfo.activeProcessorCount
  /// How long a request may wait for a worker.
  public var queueTimeout = Duration.seconds(60)
  /// After which a slot that nobody used is ended.
  public var idleSlotTimeout = Duration.seconds(300)
  /// Sessions that may live at once, branches included. Each is a process, and each opened one a slot of its own.
  public var maxSessions = 256
  /// After which a session that nobody used is closed.
  public var sessionIdleTimeout = Duration.seconds(900)
  public var languages = LanguageCatalog.builtin
  /// Where work directories lie if there is no mount namespace.
  public var scratchFolder = NSTemporaryDirectory()

  public init() {}
}
