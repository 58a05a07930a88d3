import Sandbox
import Synchronization

/// The sandboxes of a program: one for each demand that environments make, made when the first asks.
public final class Sandboxes: Sendable {
  private let configuration: SandboxConfiguration
  private let made = Mutex<[IsolationRequirement: Sandbox]>([:])

  /// - Parameter configuration: of all of them; its `isolation` is what environments get that demand nothing.
  public init(_ configuration: SandboxConfiguration = SandboxConfiguration()) {
    self.configuration = configuration
  }

  /// What environments get that demand nothing.
  public var defaultIsolation: IsolationRequirement { configuration.isolation }

  /// The sandbox that gives at least that.
  public func sandbox(_ isolation: IsolationRequirement) -> Sandbox {
    made.withLock { made in
      if let sandbox = made[isolation] { return sandbox }
      var configuration = configuration
      configuration.isolation = isolation
      let sandbox = Sandbox(configuration)
      made[isolation] = sandbox
      return sandbox
    }
  }

  /// Ends every program that still runs.
  public func shutdown() async {
    for sandbox in made.withLock({ Array($0.values) }) { await sandbox.shutdown() }
  }
}
