import GRDB

/// The same search by SQLite FTS5 alone: slower, with the same scores. It is what our ranking is checked against.
enum FullTextQuery {
  enum Combination: String {
    case all = "AND"
    case any = "OR"
  }

  /// A MATCH expression in which every word of the text is a quoted string: no text can be query syntax. nil without words.
  static func expression(_ text: String, _ combination: Combination, tokenizer: WordTokenizer) throws -> String? {
    // Words as they were written: FTS5 removes their endings itself, and doing that twice gives other words.
    let utf8 = Array(text.utf8)
    var quoted: [String] = []
    try tokenizer.forEachWord(of: text, for: .query) { _, range in
      let word = String(decoding: utf8[range], as: UTF8.self)
      quoted.append(
        "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"")
    }
    return quoted.isEmpty ? nil : quoted.joined(separator: " \(combination.rawValue) ")
  }

  /// The best passages by FTS5's `bm25()`, ties in the order of the corpus.
  static func best(_ expression: String, _ limit: Int, in db: Database) throws -> [PassageRanking.Ranked] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT rowid, bm25(words) AS score FROM words WHERE words MATCH ? ORDER BY score, rowid LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [expression, limit]).map {
      PassageRanking.Ranked(document: $0[0], score: -($0[1] as Double))
    }
  }
}
