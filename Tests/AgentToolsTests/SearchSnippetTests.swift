import AgentCore
import GRDB
import Testing

@testable import AgentTools

@Suite struct SearchSnippetTests {
  private func snippet(_ text: String, _ words: [String: Double], _ length: Int) throws -> String {
    try DatabaseQueue().inDatabase { db in
      try Snippet(maxLength: length).text(of: text, weights: words, tokenizer: WordTokenizer(.unicode, in: db))
    }
  }

  static let filler = "Nothing to see here at all. "

  @Test("a short text is shown whole")
  func whole() throws {
    #expect(try snippet("  One two.\n", ["two": 1], 50) == "One two.")
  }

  @Test("of a long text the stretch around the words is shown, from the start of its sentence")
  func around() throws {
    let text =
      String(repeating: Self.filler, count: 20) + "The needle is made of steel. "
      + String(repeating: Self.filler, count: 20)
    let shown = try snippet(text, ["needle": 3, "steel": 2], 60)
    #expect(shown.hasPrefix("… The needle is made of steel."))
    #expect(shown.hasSuffix(" …"))
    #expect(shown.unicodeScalars.count <= 60)
  }

  @Test("the words that tell most are shown, and the first of equal stretches")
  func weights() throws {
    let parts = ["common common", "rare word", "common again", "rare twice"]
    let text = parts.map { $0 + " " + String(repeating: Self.filler, count: 5) }.joined()
    #expect(try snippet(text, ["common": 0.1, "rare": 4], 40).contains("rare word"))
    #expect(try snippet(text, ["common": 0.1], 40).hasPrefix("common common"))
  }

  @Test("without a hit the beginning is shown")
  func beginning() throws {
    let shown = try snippet(String(repeating: Self.filler, count: 10), ["absent": 1], 30)
    #expect(shown.hasPrefix("Nothing to see") && shown.hasSuffix(" …") && shown.unicodeScalars.count <= 30)
  }

  @Test("any text and any length keep the bound")
  func property() throws {
    var random = RandomStream(seed: 5, purpose: "snippets")
    let alphabet = Array("ab cd. \n!?é漢🙂\u{301}x ")
    for _ in 0..<400 {
      let text = String((0..<random.below(300)).map { _ in alphabet[random.below(alphabet.count)] })
      let length = 20 + random.below(100)
      let shown = try snippet(text, ["ab": 1, "cd": 2, "x": 0.5], length)
      #expect(shown.unicodeScalars.count <= length, "\(text.debugDescription) at \(length)")
      let body = shown.replacing("… ", with: "").replacing(" …", with: "")
      #expect(Array(text.unicodeScalars).contains(Array(body.unicodeScalars)), "\(text.debugDescription) at \(length)")
    }
  }

  @Test("foreign results are cut after a word")
  func bounded() {
    #expect(SearchResultText.bounded("one two three", 9) == "one …")
    #expect(SearchResultText.bounded("one two", 7) == "one two")
    #expect(SearchResultText.bounded(String(repeating: "é", count: 30), 20).unicodeScalars.count <= 20)
  }
}
