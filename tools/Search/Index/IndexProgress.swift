/// How far the building of an index has come.
public struct IndexProgress: Sendable {
  public enum Phase: String, Sendable {
    case reading = "reading the corpus"
    case writing = "writing the index"
  }

  public var phase: Phase
  public var passages: Int
  /// From 0 to 1, over both phases.
  public var fraction: Double
}

/// What the building of an index came to.
public struct IndexReport: Sendable {
  public var path: String
  public var description: IndexDescription
  /// The first lines that were left out, and why; at most ten.
  public var skipped: [(line: Int, reason: String)]
  /// Bytes of the index file.
  public var bytes: Int
  public var duration: Duration
}
