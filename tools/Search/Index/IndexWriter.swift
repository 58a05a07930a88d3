import AgentCore
import Foundation
import GRDB

/// Writes passages and the words in them into the tables of a new index.
struct IndexWriter {
  private let db: Database
  private let tokenizer: WordTokenizer
  private let kind: WordTokenizerKind
  private let insertPassage: Statement
  private let insertWords: Statement
  private let memoryBytes: Int
  private var words = PostingTable()
  private var filters: [String: FilterTable] = [:]
  private var distinctWords: Set<String> = []
  private var lengths: [UInt32] = []
  private var wordCount = 0
  private var run = 0

  init(_ db: Database, tokenizer: WordTokenizerKind, memoryBytes: Int) throws {
    self.db = db
    self.kind = tokenizer
    self.tokenizer = try WordTokenizer(tokenizer, in: db)
    self.memoryBytes = memoryBytes
    insertPassage = try db.makeStatement(
      sql: """
        INSERT INTO passages (number, id, title, text, metadata, line) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """)
    insertWords = try db.makeStatement(sql: "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)")
  }

  var passageCount: Int { lengths.count }

  /// Adds a passage.
  /// - Returns: the line of the passage that has the same id already, if there is one; nothing is added then.
  mutating func add(_ passage: Passage, line: Int) throws -> Int? {
    let number = lengths.count
    guard number < Int(UInt32.max) - 1 else { throw DatabaseError(message: "more than 2³² passages") }
    let metadata = passage.metadata.isEmpty ? nil : JSONValue.object(passage.metadata).serialized()
    try insertPassage.execute(arguments: [number, passage.id, passage.title, passage.text, metadata, line])
    if db.changesCount == 0 {
      return try Int.fetchOne(db, sql: "SELECT line FROM passages WHERE id = ?", arguments: [passage.id]) ?? 0
    }
    try insertWords.execute(arguments: [number, passage.title, passage.text])
    var length = 0
    for text in [passage.title ?? "", passage.text] {
      try tokenizer.forEachWord(of: text, for: .document) { word, _ in
        length += 1
        words.add(word, number)
      }
    }
    for (name, value) in passage.metadata { filters[name, default: FilterTable()].add(value, number) }
    lengths.append(UInt32(clamping: length))
    wordCount += length
    if words.bytes + filters.values.reduce(0, { $0 + $1.postings.bytes }) > memoryBytes { try writeRun { _ in } }
    return nil
  }

  /// Writes what is left, and the description.
  mutating func finish(
    corpusDigest: String, corpusBytes: Int, skippedLines: Int, progress: (Double) -> Void
  ) throws -> IndexDescription {
    try writeRun(progress)
    try writeArray("lengths", lengths)
    var order = [UInt32](repeating: 0, count: lengths.count)
    let sorted = try Int.fetchCursor(db, sql: "SELECT number FROM passages ORDER BY id")
    var place: UInt32 = 0
    while let number = try sorted.next() {
      order[number] = place
      place += 1
    }
    try writeArray("id_order", order)
    let description = IndexDescription(
      tokenizer: kind, passages: lengths.count, words: wordCount, distinctWords: distinctWords.count,
      skippedLines: skippedLines, corpusDigest: corpusDigest, corpusBytes: corpusBytes,
      filterFields: filters.keys.sorted().compactMap { filters[$0]?.field(named: $0) })
    try db.execute(sql: "INSERT INTO description VALUES (?)", arguments: [description.json.serialized()])
    return description
  }

  private mutating func writeRun(_ progress: (Double) -> Void) throws {
    let insert = try db.makeStatement(sql: "INSERT INTO postings (word, run, list) VALUES (?, ?, ?)")
    let lists = words.takeSorted()
    for (index, entry) in lists.enumerated() {
      distinctWords.insert(entry.key)
      try insert.execute(arguments: [entry.key, run, Data(entry.list)])
      if index.isMultiple(of: 4096) { progress(Double(index) / Double(lists.count)) }
    }
    let insertFilter = try db.makeStatement(sql: "INSERT INTO filters (name, value, run, list) VALUES (?, ?, ?, ?)")
    for name in filters.keys.sorted() {
      for entry in filters[name]?.postings.takeSorted() ?? [] {
        try insertFilter.execute(arguments: [name, entry.key, run, Data(entry.list)])
      }
    }
    run += 1
  }

  private func writeArray(_ name: String, _ values: [UInt32]) throws {
    let data = values.withUnsafeBytes { Data($0) }
    try db.execute(sql: "INSERT INTO arrays (name, data) VALUES (?, ?)", arguments: [name, data])
  }
}

/// Posting lists in the making, by word.
private struct PostingTable {
  private var indexes: [String: Int] = [:]
  private var encoders: [PostingEncoder] = []
  /// A rough count of the memory in use.
  private(set) var bytes = 0

  mutating func add(_ key: String, _ document: Int) {
    let index: Int
    if let known = indexes[key] {
      index = known
    } else {
      index = encoders.count
      indexes[key] = index
      encoders.append(PostingEncoder())
      bytes += 128 + key.utf8.count
    }
    let before = encoders[index].bytes.count
    encoders[index].add(document)
    bytes += encoders[index].bytes.count - before
  }

  /// All lists by key, and starts anew.
  mutating func takeSorted() -> [(key: String, list: [UInt8])] {
    let lists = indexes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { key in
      (key: key, list: encoders[indexes[key] ?? 0].finished())
    }
    self = PostingTable()
    return lists
  }
}

/// One metadata key: which passages have which value, and which values there are.
private struct FilterTable {
  /// More values than this are not listed.
  private static let maxListed = 16

  var postings = PostingTable()
  private var types: Set<String> = []
  private var values: [String: JSONValue] = [:]

  mutating func add(_ value: JSONValue, _ document: Int) {
    let scalars = value.arrayValue ?? [value]
    for scalar in scalars {
      guard let key = FilterValue.key(of: scalar), let type = FilterValue.type(of: scalar) else { continue }
      types.insert(type)
      if values.count <= Self.maxListed { values[key] = scalar }
      postings.add(key, document)
    }
  }

  /// nil if no passage has a value that a filter can name.
  func field(named name: String) -> FilterField? {
    guard !types.isEmpty else { return nil }
    let listed = values.count > Self.maxListed ? [] : values.keys.sorted().compactMap { values[$0] }
    return FilterField(name: name, types: types.sorted(), values: listed)
  }
}
