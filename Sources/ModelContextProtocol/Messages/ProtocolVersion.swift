/// A released revision of the Model Context Protocol. Its name is the day of its release.
public enum ProtocolVersion: String, Sendable, CaseIterable, CustomStringConvertible {
  case november2024 = "2024-11-05"
  case march2025 = "2025-03-26"
  case june2025 = "2025-06-18"
  case november2025 = "2025-11-25"
  case july2026 = "2026-07-28"

  /// The newest revision that is agreed on by `initialize`.
  public static let latestHandshake = november2025

  /// Whether every request stands alone: it carries version, client and capabilities itself, and there is no handshake
  /// and no session.
  public var isStateless: Bool { self == .july2026 }

  /// Whether requests over HTTP name the version in a header.
  public var hasVersionHeader: Bool { self != .november2024 && self != .march2025 }

  public var description: String { rawValue }

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
