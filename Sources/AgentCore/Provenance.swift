/// Where a token came from. Only `policy` tokens can carry a loss.
public enum Provenance: String, Sendable, CaseIterable {
  /// Sampled by the policy (or, in a demonstration, written by the oracle in its place).
  case policy
  /// Markup of the chat template.
  case template
  /// A tool's result.
  case tool
  case user
  case system
  /// Put there by the runner, for example the end-of-turn token of a turn that was cut.
  case injected
}

/// A run of tokens with one provenance.
public struct Span: Sendable, Hashable {
  /// Index of the first token.
  public var start: Int
  /// Index after the last token.
  public var end: Int
  public var provenance: Provenance

  public init(start: Int, end: Int, provenance: Provenance) {
    self.start = start
    self.end = end
    self.provenance = provenance
  }
}

/// Token ids with the provenance of each. The spans cover the ids without gap or overlap, in order.
public struct EncodedTokens: Sendable, Hashable {
  public private(set) var ids: [Int32] = []
  public private(set) var spans: [Span] = []

  public init() {}

  /// - Throws: `JSONError.value` if the spans do not tile the ids.
  public init(ids: [Int32], spans: [Span], path: String = "prompt") throws(JSONError) {
    var next = 0
    for (index, span) in spans.enumerated() {
      guard span.start == next, span.end > span.start, span.end <= ids.count else {
        throw .value(
          reason: "span \(span.start)..<\(span.end) does not continue at \(next) of \(ids.count) tokens",
          path: "\(path).spans[\(index)]")
      }
      next = span.end
    }
    guard next == ids.count else {
      throw .value(reason: "the spans cover \(next) of \(ids.count) tokens", path: "\(path).spans")
    }
    self.ids = ids
    self.spans = spans
  }

  /// Appends ids of one provenance, joining it with the last span where that has the same.
  public mutating func append(_ newIDs: some Sequence<Int32>, provenance: Provenance) {
    let start = ids.count
    ids.append(contentsOf: newIDs)
    guard ids.count > start else { return }
    if let last = spans.last, last.provenance == provenance {
      spans[spans.count - 1].end = ids.count
    } else {
      spans.append(Span(start: start, end: ids.count, provenance: provenance))
    }
  }

  /// Appends another run of tokens.
  public mutating func append(_ other: EncodedTokens) {
    for span in other.spans { append(other.ids[span.start..<span.end], provenance: span.provenance) }
  }

  /// The provenance of every token, in order.
  public var provenances: [Provenance] {
    spans.flatMap { Array(repeating: $0.provenance, count: $0.end - $0.start) }
  }
}
