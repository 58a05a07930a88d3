/// Which layers keep a program apart.
public enum IsolationMode: String, Sendable, Hashable, CaseIterable {
  /// Namespaces, Landlock, system-call filter, limits, and a control group where there is one.
  case full
  /// The same without namespaces, for containers that refuse them.
  case noNamespace = "no-namespace"
}

/// What has to be given before anything is run.
public enum IsolationRequirement: String, Sendable, Hashable, CaseIterable {
  /// System-call filter, limits, no network, the end of all its processes, and no access to the caller's files.
  /// Either mode gives this where its layers are present.
  case required
  /// Mode `full`, whatever else would do.
  case full
  /// What the machine gives. Results say what was missing. There is no mode without a system-call filter and limits.
  case bestEffort = "best_effort"

  /// Why an isolation is not enough, if it is not: the layers that are missing, and what to do.
  func refusal(of isolation: String, degraded: [String]) -> String? {
    switch self {
    case .bestEffort: return nil
    case .full:
      return isolation == IsolationMode.full.rawValue
        ? nil : "isolation `full` is required, and this machine gives `\(isolation)`: \(Self.namespaceRemedy)"
    case .required:
      // Without a mount namespace, Landlock alone stands between a program and the caller's files.
      guard isolation != IsolationMode.full.rawValue, degraded.contains("landlock") else { return nil }
      return "nothing keeps programs from the caller's files: neither namespaces nor Landlock are available; "
        + "\(Self.namespaceRemedy), or use a kernel with Landlock (5.13 and later; see `agentenv doctor`)"
    }
  }

  private static let namespaceRemedy =
    "run as root or with unprivileged user namespaces allowed (in Docker: --security-opt seccomp=unconfined, or a "
    + "seccomp profile that allows unshare and mount)"
}
