import AgentCore
import Synchronization

/// Where a search tool looks and how much it gives, as a manifest says it.
public struct SearchSettings: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    /// An index file (`agentenv index build`).
    case index(path: String)
    /// A corpus of JSON lines; its index is kept beside it as `CORPUS.index.sqlite` and built when it is not there.
    case corpus(path: String, tokenizer: WordTokenizerKind)
    /// A search server; `filters` are the metadata keys that it understands.
    case server(url: String, shape: RetrieverShape)
    /// Answers from a file (`RecordedRetriever`).
    case recorded(path: String)
  }

  public var source: Source
  public var limits: SearchLimits
  /// The metadata keys that the policy may filter by; nil: all there are (for a server: none).
  public var filters: [String]?
  /// What is searched, for the policy.
  public var about: String?
  /// Longest wait for a server.
  public var timeout: Duration
  /// A file to which every query and its answer is appended, for `recorded`.
  public var record: String?

  public init(
    source: Source, limits: SearchLimits = SearchLimits(), filters: [String]? = nil, about: String? = nil,
    timeout: Duration = .seconds(10), record: String? = nil
  ) {
    self.source = source
    self.limits = limits
    self.filters = filters
    self.about = about
    self.timeout = timeout
    self.record = record
  }
}

extension SearchTool {
  /// Opens what the settings name. Blocks: reading an index takes milliseconds, building one seconds to minutes.
  ///
  /// - Throws: `SearchToolError`, `SearchIndexError`.
  public init(settings: SearchSettings) throws {
    var retriever: any Retriever
    switch settings.source {
    case .index(let path):
      retriever = try SearchIndex(path: path, snippetLength: settings.limits.snippetLength)
    case .corpus(let path, let tokenizer):
      retriever = try CorpusIndex.open(
        corpus: path, builder: IndexBuilder(tokenizer: tokenizer), snippetLength: settings.limits.snippetLength)
    case .server(let url, let shape):
      retriever = RemoteRetriever(
        url: url, shape: shape, timeout: settings.timeout, filters: settings.filters ?? [])
    case .recorded(let path):
      retriever = try RecordedRetriever(path: path)
    }
    if let record = settings.record { retriever = RecordingRetriever(retriever, path: record) }
    try self.init(retriever, limits: settings.limits, about: settings.about, filters: settings.filters)
  }

  /// Makes the tools of an environment's sessions. All share what is opened when the first is made.
  public static func factory(_ settings: SearchSettings) -> @Sendable () throws -> any Tool {
    let shared = SharedTool()
    return { try shared.tool { try SearchTool(settings: settings) } }
  }
}

/// One tool, made when it is first asked for. A failure is not kept: the next session tries again.
private final class SharedTool: Sendable {
  private let made = Mutex<SearchTool?>(nil)

  func tool(_ make: () throws -> SearchTool) throws -> SearchTool {
    try made.withLock { made in
      if let made { return made }
      let tool = try make()
      made = tool
      return tool
    }
  }
}
