import AgentCore

extension Sandbox {
  /// What its programs run under, before the first has run; `none` if none can be.
  public func isolation() async -> Isolation {
    do {
      _ = try await pool()
      let report = try await capabilities()
      guard let mode = configuration.mode ?? report.mode else { return .none }
      return Isolation(mode: mode.rawValue, degraded: report.degraded + configuration.disabledLayers)
    } catch {
      return .none
    }
  }
}
