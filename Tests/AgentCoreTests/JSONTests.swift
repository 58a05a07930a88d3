import AgentCore
import Testing

@Suite("JSON")
struct JSONTests {
  @Test(
    "a value written is the value read back",
    arguments: [
      JSONValue.null, true, 0, -1, 9_007_199_254_740_993, .double(0.1), .double(-0.0), .double(1e-300), .double(1),
      "", "a\"\\\n\t\u{1}é日🙂", [], [1, [2, ["a": nil]]], ["b": 1, "a": [true, false]],
    ])
  func roundTrip(_ value: JSONValue) throws {
    let text = value.serialized()
    let read = try JSONValue(parsing: text)
    #expect(read == value)
    #expect(read.serialized() == text)
  }

  @Test("objects keep the order of their keys")
  func keyOrder() throws {
    let text = #"{"z":1,"a":2,"m":{"y":1,"b":2}}"#
    #expect(try JSONValue(parsing: text).serialized() == text)
  }

  @Test("escapes and surrogate pairs are decoded")
  func escapes() throws {
    let value = try JSONValue(parsing: #""\u00e9\ud83d\ude42\/\b\f""#)
    #expect(value == "é🙂/\u{08}\u{0C}")
  }

  @Test(
    "broken text is refused with its place",
    arguments: [
      ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\":1,}", 1, 8), ("01", 1, 1), ("1.", 1, 3), ("\"a", 1, 1),
      ("{\"a\":1,\n\"a\":2}", 2, 1), ("nul", 1, 1), ("[1] 2", 1, 5), (#""\ud800""#, 1, 2), ("1e999", 1, 1),
      ("\"\u{01}\"", 1, 2), ("+1", 1, 1), ("'a'", 1, 1),
    ])
  func refusal(text: String, line: Int, column: Int) {
    #expect {
      try JSONValue(parsing: text)
    } throws: { error in
      guard case JSONError.syntax(_, let atLine, let atColumn) = error else { return false }
      return (atLine, atColumn) == (line, column)
    }
  }

  @Test("invalid UTF-8 is refused")
  func invalidUTF8() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test("nesting is limited instead of overflowing the stack")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
    let allowed = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(throws: Never.self) { try JSONValue(parsing: allowed) }
  }

  @Test("any bytes give a value or an error", arguments: 0..<40)
  func fuzz(seed: Int) {
    var random = RandomStream(seed: seed, purpose: "json-fuzz")
    let alphabet = Array("{}[]\",:\\ue0123456789-+.truefalsn \n".utf8) + [0xC3, 0xA9, 0xFF, 0x00]
    for _ in 0..<500 {
      let bytes = (0..<random.below(40)).map { _ in alphabet[random.below(alphabet.count)] }
      if let value = try? JSONValue(parsing: bytes) {
        #expect((try? JSONValue(parsing: value.serialized())) == value, "seed \(seed): \(bytes)")
      }
    }
  }

  @Test("single precision keeps its shortest digits")
  func floats() {
    #expect(JSONValue(Float(0.1)).serialized() == "0.1")
    var random = RandomStream(seed: 3, purpose: "floats")
    for _ in 0..<2000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      guard value.isFinite else { continue }
      #expect(JSONValue(value).doubleValue.map { Float($0) } == value)
    }
  }

  @Test("a field that nobody asked for is refused with its path")
  func unknownField() throws {
    var fields = try JSONFields(["a": 1, "b": 2], path: "turns[0]")
    #expect(try fields.int("a") == 1)
    #expect(throws: JSONError.value(reason: "unknown field", path: "turns[0].b")) { try fields.finish() }
  }
}
