import Foundation
import Glibc
import Sandbox

/// A sandbox to be attacked, whose launchers are known by their process ids.
final class AttackGround: Sendable {
  /// How it runs.
  enum Setup: String, CaseIterable, Sendable {
    case full
    case noNamespace = "no-namespace"
    /// Started by somebody who is not root, where the tests are.
    case ordinaryUser = "full, ordinary user"

    var mode: IsolationMode { self == .noNamespace ? .noNamespace : .full }

    /// Whether this machine gives it.
    func isAvailable() async -> Bool {
      guard let best = try? await Sandbox().capabilities().mode else { return false }
      switch self {
      case .noNamespace: return true
      case .full: return best == .full
      case .ordinaryUser:
        guard geteuid() == 0, best == .full, FileManager.default.isExecutableFile(atPath: Self.setpriv) else {
          return false
        }
        guard let ground = try? AttackGround(.ordinaryUser) else { return false }
        let result = await ground.sandbox.run(ExecutionRequest(language: "bash", code: "exit 0"))
        _ = await ground.close()
        return result.status == .ok && result.isolation.mode == best.rawValue
      }
    }

    static let setpriv = "/usr/bin/setpriv"
    fileprivate static let nobody = 65534
  }

  let setup: Setup
  let sandbox: Sandbox
  /// Holds the launcher that notes its process id, and the work directories where there is no mount namespace.
  let folder: String

  init(_ setup: Setup, workers: Int = 1) throws {
    self.setup = setup
    folder = FileManager.default.temporaryDirectory.path + "/agentenv-ground-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/scratch", withIntermediateDirectories: true)
    let user =
      setup == .ordinaryUser ? "\(Setup.setpriv) --reuid \(Setup.nobody) --regid \(Setup.nobody) --clear-groups" : ""
    let launcher = try LauncherProgram().path
    try """
    #!/bin/sh
    echo $$ >> '\(folder)/launchers'
    exec \(user) '\(launcher)' "$@"

    """.write(toFile: folder + "/launcher", atomically: false, encoding: .utf8)
    chmod(folder + "/launcher", 0o755)

    var configuration = SandboxConfiguration()
    configuration.launcherPath = folder + "/launcher"
    configuration.mode = setup.mode
    configuration.isolation = .bestEffort
    configuration.workers = workers
    configuration.scratchFolder = folder + "/scratch"
    sandbox = Sandbox(configuration)
  }

  /// Process ids of every launcher started so far.
  var launchers: Set<Int> {
    let text = (try? String(contentsOfFile: folder + "/launchers", encoding: .utf8)) ?? ""
    return Set(text.split(separator: "\n").compactMap { Int($0) })
  }

  /// Every process of this sandbox, for messages.
  var family: String {
    HostProcess.family(of: launchers).sorted { $0.id < $1.id }
      .map { "\($0.command) \($0.id) of \($0.parent), user \($0.user)" }.joined(separator: "; ")
  }

  /// How many processes of each name there are.
  func processes() -> [String: Int] {
    let launchers = launchers
    let family = HostProcess.family(of: launchers)
    return HostProcess.withoutSpares(family, launchers).reduce(into: [:]) { $0[$1.command, default: 0] += 1 }
  }

  /// What is there now.
  func survey() -> HostSurvey {
    HostSurvey(launchers: launchers, folders: [folder + "/scratch"])
  }

  /// Processes beyond those there were, once those that are about to end have had the time.
  func processes(beyond before: [String: Int]) async -> [String] {
    var added: [String] = []
    for _ in 0..<40 {
      let now = processes()
      added = now.filter { $0.value > before[$0.key, default: 0] }.map { "\($0.value) \($0.key)" }.sorted()
      if added.isEmpty { break }
      try? await Task.sleep(for: .milliseconds(50))
    }
    return added
  }

  /// Ends everything, and says what is left then.
  func close() async -> HostSurvey {
    let launchers = launchers
    await sandbox.shutdown()
    var left = HostSurvey(launchers: launchers, folders: [folder + "/scratch"])
    for _ in 0..<40 where !left.isEmpty {
      try? await Task.sleep(for: .milliseconds(50))
      left = HostSurvey(launchers: launchers, folders: [folder + "/scratch"])
    }
    try? FileManager.default.removeItem(atPath: folder)
    return left
  }
}
