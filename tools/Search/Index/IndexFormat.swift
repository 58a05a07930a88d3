import AgentCore
import Foundation

/// The tables of an index file. An index is derived from its corpus: another format is built anew, never migrated.
enum IndexFormat {
  /// Marks a SQLite file as a search index: "agix".
  static let applicationID = 0x6167_6978
  static let version = 1

  /// Whether a file has the mark of a search index, of any version. Its contents may be damaged.
  static func marks(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    guard let head = try? file.read(upToCount: 100), head.count == 100, head.starts(with: "SQLite format 3\0".utf8)
    else { return false }
    // Where SQLite keeps the application id, highest byte first.
    return head[68..<72].reduce(0) { $0 << 8 | Int($1) } == applicationID
  }

  /// Passages are numbered from 0 in the order of the corpus; a number is also the row of the full-text table.
  static func tables(_ tokenizer: WordTokenizerKind) -> String {
    let arguments = tokenizer.descriptor.components.joined(separator: " ")
    return """
      CREATE TABLE description (json TEXT NOT NULL);
      CREATE TABLE passages (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT,
        text TEXT NOT NULL,
        metadata TEXT,
        line INTEGER NOT NULL
      );
      CREATE VIRTUAL TABLE words USING fts5(
        title, text, content='passages', content_rowid='number', tokenize='\(arguments)'
      );
      -- Posting lists (PostingEncoder), in runs of ascending passages.
      CREATE TABLE postings (
        word TEXT NOT NULL, run INTEGER NOT NULL, list BLOB NOT NULL, PRIMARY KEY (word, run)
      ) WITHOUT ROWID;
      CREATE TABLE filters (
        name TEXT NOT NULL, value TEXT NOT NULL, run INTEGER NOT NULL, list BLOB NOT NULL, PRIMARY KEY (name, value, run)
      ) WITHOUT ROWID;
      -- Arrays of 32-bit integers, little endian, by passage: `lengths` in words; `id_order`, the place among sorted ids.
      CREATE TABLE arrays (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
      """
  }
}

/// What an index says about itself.
public struct IndexDescription: Sendable, Hashable {
  public var tokenizer: WordTokenizerKind
  public var passages: Int
  /// Words of all passages, titles included.
  public var words: Int
  public var distinctWords: Int
  /// Lines of the corpus that were left out.
  public var skippedLines: Int
  /// SHA-256 of the corpus file.
  public var corpusDigest: String
  /// Bytes of the corpus file.
  public var corpusBytes: Int
  public var filterFields: [FilterField]

  /// Decides, together with the query, what is found.
  public var digest: String {
    ContentDigest.of("search-index/\(IndexFormat.version) \(tokenizer.rawValue) \(passages) \(corpusDigest)")
  }
}

extension IndexDescription {
  public var json: JSONValue {
    [
      "tokenizer": .string(tokenizer.rawValue), "passages": JSONValue(passages), "words": JSONValue(words),
      "distinct_words": JSONValue(distinctWords), "skipped_lines": JSONValue(skippedLines),
      "corpus_digest": .string(corpusDigest), "corpus_bytes": JSONValue(corpusBytes),
      "filters": .array(
        filterFields.map {
          ["name": .string($0.name), "types": .array($0.types.map(JSONValue.string)), "values": .array($0.values)]
        }),
    ]
  }

  init(json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json)
    let name = try fields.string("tokenizer")
    guard let tokenizer = WordTokenizerKind(rawValue: name) else {
      throw .value(reason: "unknown tokenizer `\(name)`", path: "tokenizer")
    }
    self.tokenizer = tokenizer
    passages = try fields.int("passages")
    words = try fields.int("words")
    distinctWords = try fields.int("distinct_words")
    skippedLines = try fields.int("skipped_lines")
    corpusDigest = try fields.string("corpus_digest")
    corpusBytes = try fields.int("corpus_bytes")
    filterFields = try fields.array("filters") { value, path throws(JSONError) in
      var field = try JSONFields(value, path: path)
      return FilterField(
        name: try field.string("name"), types: try field.array("types") { value, _ in value.stringValue ?? "" },
        values: try field.array("values") { value, _ in value })
    }
    guard passages > 0, passages < UInt32.max, words >= 0 else {
      throw .value(reason: "\(passages) passages, \(words) words", path: "")
    }
  }
}
