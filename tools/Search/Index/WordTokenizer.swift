import GRDB

/// How text is cut into the words that are looked up.
public enum WordTokenizerKind: String, Sendable, CaseIterable {
  /// Letters and digits of any script, without case and diacritics, English endings removed: `running` finds `runs`.
  case porter
  /// The same with the endings kept.
  case unicode

  var descriptor: FTS5TokenizerDescriptor {
    let unicode = FTS5TokenizerDescriptor.unicode61(diacritics: .remove)
    return self == .porter ? .porter(wrapping: unicode) : unicode
  }
}

/// SQLite's own tokenizer, so that our posting lists and the full-text table hold the same words.
///
/// Belongs to the connection that made it.
struct WordTokenizer {
  private let tokenizer: any FTS5Tokenizer

  init(_ kind: WordTokenizerKind, in db: Database) throws {
    tokenizer = try db.makeTokenizer(kind.descriptor)
  }

  /// Calls `body` for each word with where it stands in the text, in bytes of UTF-8.
  func forEachWord(of text: String, for purpose: FTS5Tokenization, _ body: (String, Range<Int>) -> Void) throws {
    try withoutActuallyEscaping(body) { body in
      let sink = Sink(body)
      var text = text
      let code = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          tokenizer.tokenize(
            context: Unmanaged.passUnretained(sink).toOpaque(), tokenization: purpose, pText: bytes.baseAddress,
            nText: CInt(clamping: bytes.count), tokenCallback: Sink.callback)
        }
      }
      guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
  }

  /// The words of a text, in order.
  func words(of text: String, for purpose: FTS5Tokenization = .query) throws -> [String] {
    var words: [String] = []
    try forEachWord(of: text, for: purpose) { word, _ in words.append(word) }
    return words
  }

  private final class Sink {
    /// FTS5 cuts longer words, too.
    static let maxBytes = 32_768
    let body: (String, Range<Int>) -> Void

    init(_ body: @escaping (String, Range<Int>) -> Void) { self.body = body }

    static let callback: FTS5TokenCallback = { context, _, word, count, start, end in
      guard let context, let word else { return 0 }
      let bytes = UnsafeRawBufferPointer(start: word, count: min(Int(count), maxBytes))
      Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().body(
        String(decoding: bytes, as: UTF8.self), Int(start)..<Int(end))
      return 0
    }
  }
}
