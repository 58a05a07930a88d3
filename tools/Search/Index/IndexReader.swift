import AgentCore
import Foundation
import GRDB

/// Answers queries on one connection to an index.
///
/// Unchecked: the tokenizer belongs to the connection and is only touched in work that runs on the connection's queue.
final class IndexReader: @unchecked Sendable {
  /// More distinct words of a query than this are not looked up; the rarest count.
  static let maxWords = 64

  let connection: DatabaseQueue
  let contents: IndexContents
  private let tokenizer: WordTokenizer

  /// Not to be called on the connection's queue.
  init(_ connection: DatabaseQueue, contents: IndexContents) throws {
    self.connection = connection
    self.contents = contents
    tokenizer = try connection.inDatabase { try WordTokenizer(contents.description.tokenizer, in: $0) }
  }

  func search(_ query: SearchQuery, snippetLength: Int, in db: Database) throws -> [SearchHit] {
    let words = try self.words(of: query.text, in: db)
    guard !words.isEmpty else { throw RetrievalError.noWords }
    let ranking = PassageRanking(
      words: words.map(\.word), lengthNorms: contents.lengthNorms, idOrder: contents.idOrder,
      allowed: try allowed(by: query.filter, in: db))
    let ranked = ranking.best(min(query.limit, contents.description.passages))
    let weights = Dictionary(words.map { ($0.text, $0.word.weight) }, uniquingKeysWith: max)
    return try ranked.map { try hit($0, weights, snippetLength: snippetLength, in: db) }
  }

  /// The ranking of a query without a filter.
  func ranking(_ text: String, in db: Database) throws -> PassageRanking {
    PassageRanking(
      words: try words(of: text, in: db).map(\.word), lengthNorms: contents.lengthNorms, idOrder: contents.idOrder,
      allowed: nil)
  }

  /// The distinct words of a query with their posting lists, in the order of the query.
  func words(of text: String, in db: Database) throws -> [(text: String, word: PassageRanking.Word)] {
    var counts: [String: Int] = [:]
    var order: [String] = []
    try tokenizer.forEachWord(of: text, for: .query) { word, _ in
      if counts.updateValue((counts[word] ?? 0) + 1, forKey: word) == nil { order.append(word) }
    }
    var words: [(text: String, word: PassageRanking.Word)] = []
    for text in order {
      let list = try self.list(of: text, in: db)
      let weight = contents.formula.inverseDocumentFrequency(documents: list.documents.count)
      words.append((text, PassageRanking.Word(list: list, weight: weight * Double(counts[text] ?? 1))))
    }
    guard words.count > Self.maxWords else { return words }
    let rarest = words.indices.filter { !words[$0].word.list.documents.isEmpty }
      .sorted { words[$0].word.list.documents.count < words[$1].word.list.documents.count }.prefix(Self.maxWords)
    return rarest.isEmpty ? Array(words.prefix(1)) : rarest.sorted().map { words[$0] }
  }

  private func list(of word: String, in db: Database) throws -> PostingList {
    if let list = contents.postings.list(of: word) { return list }
    let statement = try db.cachedStatement(sql: "SELECT list FROM postings WHERE word = ? ORDER BY run")
    let list = try readList(statement, [word], name: word)
    // Words that stand nowhere are not kept: there is no end of them.
    if !list.documents.isEmpty { contents.postings.insert(list, for: word) }
    return list
  }

  /// The passages whose metadata has a value. Kept beside the words, none of which holds U+0000.
  private func filterList(_ name: String, _ value: String, in db: Database) throws -> PostingList {
    let key = "\(name)\u{0}\(value)"
    if let list = contents.postings.list(of: key) { return list }
    let statement = try db.cachedStatement(sql: "SELECT list FROM filters WHERE name = ? AND value = ? ORDER BY run")
    let list = try readList(statement, [name, value], name: name)
    if !list.documents.isEmpty { contents.postings.insert(list, for: key) }
    return list
  }

  private func readList(_ statement: Statement, _ arguments: StatementArguments, name: String) throws -> PostingList {
    var decoder = PostingDecoder(documentCount: contents.description.passages)
    let rows = try Row.fetchCursor(statement, arguments: arguments)
    while let row = try rows.next() {
      let isGood = try row.withUnsafeData(atIndex: 0) { data in
        data?.withUnsafeBytes { decoder.append($0) } ?? false
      }
      guard isGood else {
        throw SearchIndexError.corrupt(path: contents.path, reason: "the posting list of `\(name.prefix(100))`")
      }
    }
    return PostingList(
      documents: decoder.documents, frequencies: decoder.frequencies, lengthNorms: contents.lengthNorms)
  }

  private func allowed(by filter: JSONObject, in db: Database) throws -> PassageSet? {
    var allowed: PassageSet?
    for (name, value) in filter {
      guard contents.filterNames.contains(name) else {
        throw RetrievalError.unknownFilter(name: name, known: contents.filterNames.sorted())
      }
      guard let key = FilterValue.key(of: value) else { throw RetrievalError.badFilter(name: name) }
      let list = try filterList(name, key, in: db)
      let set = PassageSet(list.documents, documentCount: contents.description.passages)
      if allowed == nil { allowed = set } else { allowed?.formIntersection(set) }
    }
    return allowed
  }

  private func hit(
    _ ranked: PassageRanking.Ranked, _ weights: [String: Double], snippetLength: Int, in db: Database
  ) throws -> SearchHit {
    let statement = try db.cachedStatement(sql: "SELECT id, title, text FROM passages WHERE number = ?")
    guard let row = try Row.fetchOne(statement, arguments: [Int(ranked.document)]),
      let id = String.fromDatabaseValue(row[0]), let text = String.fromDatabaseValue(row[2])
    else {
      throw SearchIndexError.corrupt(path: contents.path, reason: "there is no passage \(ranked.document)")
    }
    let snippet = try Snippet(maxLength: snippetLength).text(of: text, weights: weights, tokenizer: tokenizer)
    return SearchHit(id: id, title: String.fromDatabaseValue(row[1]), text: snippet, score: ranked.score)
  }
}
