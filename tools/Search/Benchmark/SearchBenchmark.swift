import AgentCore
import GRDB

/// Times queries on an index, one after the other on one thread.
public struct SearchBenchmark: Sendable {
  public enum Mode: String, Sendable, CaseIterable {
    /// What the tool does: all words first, any word where that gives too few; with the texts of the passages.
    case bag
    /// Passages with all words.
    case all = "and"
    /// Passages with any word.
    case any = "or"
    /// Passages with any word, by SQLite FTS5 and its `bm25()`.
    case fullTextAny = "fts5-or"
    /// Passages with all words, by SQLite FTS5.
    case fullTextAll = "fts5-and"
  }

  public struct Timing: Sendable {
    public var mode: Mode
    public var queries: Int
    public var seconds: Double
    public var medianMilliseconds: Double
    public var p99Milliseconds: Double

    public var queriesPerSecond: Double { Double(queries) / seconds }
  }

  private let index: SearchIndex
  private let topK: Int

  public init(_ index: SearchIndex, topK: Int = 5) {
    self.index = index
    self.topK = topK
  }

  /// For how many queries our any-word search gives passages with the scores that FTS5 gives, place by place.
  public func agreements(_ queries: [String]) async throws -> Int {
    let (topK, kind) = (topK, index.description.tokenizer)
    return try await index.read { reader, db in
      let tokenizer = try WordTokenizer(kind, in: db)
      return try queries.count { query in
        let ranking = try reader.ranking(query, in: db)
        let ours = ranking.union(ranking.words, topK, excluding: []).map(\.score)
        guard let match = try FullTextQuery.expression(query, .any, tokenizer: tokenizer) else { return ours.isEmpty }
        let theirs = try FullTextQuery.best(match, topK, in: db).map(\.score)
        return ours.count == theirs.count && zip(ours, theirs).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, $1) }
      }
    }
  }

  /// Runs every query once on one of the index's threads.
  public func run(_ mode: Mode, _ queries: [String]) async throws -> Timing {
    let (topK, snippetLength, kind) = (topK, index.snippetLength, index.description.tokenizer)
    let times = try await index.read { reader, db -> [Double] in
      let tokenizer = try WordTokenizer(kind, in: db)
      return try queries.map { query in
        let start = ContinuousClock.now
        switch mode {
        case .bag:
          _ = try reader.search(SearchQuery(text: query, limit: topK), snippetLength: snippetLength, in: db)
        case .all, .any:
          let ranking = try reader.ranking(query, in: db)
          _ = mode == .all ? ranking.intersection(topK) : ranking.union(ranking.words, topK, excluding: [])
        case .fullTextAny, .fullTextAll:
          let combination: FullTextQuery.Combination = mode == .fullTextAny ? .any : .all
          guard let match = try FullTextQuery.expression(query, combination, tokenizer: tokenizer) else { return 0 }
          _ = try FullTextQuery.best(match, topK, in: db)
        }
        return (ContinuousClock.now - start) / .milliseconds(1)
      }
    }
    let sorted = times.sorted()
    return Timing(
      mode: mode, queries: times.count, seconds: times.reduce(0, +) / 1000,
      medianMilliseconds: sorted.isEmpty ? 0 : sorted[sorted.count / 2],
      p99Milliseconds: sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
  }
}
