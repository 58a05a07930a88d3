import AgentCore
import Synchronization

/// Asks the launcher, once per process and program, what this machine gives.
enum CapabilityProbe {
  private typealias Probe = Task<Result<CapabilityReport, SandboxError>, Never>

  /// Trying all layers takes tens of milliseconds and its answer does not change while the process runs.
  private static let probes = Mutex<[LauncherProgram: Probe]>([:])

  static func report(of launcher: LauncherProgram) async throws(SandboxError) -> CapabilityReport {
    let probe = probes.withLock { probes in
      if let running = probes[launcher] { return running }
      let probe = Probe { await Self.run(launcher) }
      probes[launcher] = probe
      return probe
    }
    return try await probe.value.get()
  }

  private static func run(_ launcher: LauncherProgram) async -> Result<CapabilityReport, SandboxError> {
    let output = await CommandOutput.capture([launcher.path, "probe"], timeout: .seconds(20))
    guard let output else {
      return .failure(
        .unavailable(reason: "\(launcher.path) cannot be started: check that it is built for this machine"))
    }
    do {
      return .success(try CapabilityReport(probeOutput: output.stdout))
    } catch {
      return .failure(.unavailable(reason: "\(launcher.path) probe printed no report (\(error)): build it anew"))
    }
  }
}
