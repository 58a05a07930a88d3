import Testing

@testable import AgentTools

@Suite struct FetchCharacterEncodingTests {
  @Test("the declared encoding is used, under any of its names")
  func declared() {
    #expect(CharacterEncoding.decode([0xe9], declared: "ISO-8859-1", isHTML: false) == "é")
    // Latin-1 on the web means Windows-1252.
    #expect(CharacterEncoding.decode([0x80], declared: "latin1", isHTML: false) == "€")
    #expect(CharacterEncoding.decode([0x93, 0xfa], declared: "Shift_JIS", isHTML: false) == "日")
    #expect(CharacterEncoding.decode([0xc8, 0xd5], declared: "gb2312", isHTML: false) == "日")
    #expect(CharacterEncoding.decode([0xf0, 0xd2], declared: "koi8-r", isHTML: false) == "Пр")
    #expect(CharacterEncoding.decode([0x41, 0, 0xac, 0x20], declared: "utf-16", isHTML: false) == "A€")
  }

  @Test("a byte order mark counts more than the declaration, and is not text")
  func marks() {
    #expect(CharacterEncoding.decode([0xef, 0xbb, 0xbf, 0xc3, 0xa9], declared: "latin1", isHTML: false) == "é")
    #expect(CharacterEncoding.decode([0xfe, 0xff, 0x20, 0xac], declared: nil, isHTML: true) == "€")
    #expect(CharacterEncoding.decode([0xff, 0xfe, 0xac, 0x20], declared: nil, isHTML: true) == "€")
  }

  @Test(
    "a page's own declaration is found in either form",
    arguments: [
      "<meta charset=koi8-r>", "<META CHARSET = 'KOI8-R' >", "<meta charset=\"koi8-r\"/>",
      "<meta http-equiv=content-type content='text/html; charset=koi8-r'>",
      "<meta name=x content=y><meta charset=koi8-r>",
    ])
  func meta(tag: String) {
    let text = CharacterEncoding.decode(Array(tag.utf8) + [0xf0, 0xd2], declared: nil, isHTML: true)
    #expect(text.hasSuffix("Пр"))
    #expect(!CharacterEncoding.decode(Array(tag.utf8) + [0xf0, 0xd2], declared: nil, isHTML: false).hasSuffix("Пр"))
  }

  @Test("without a declaration, or with an unknown one, it is UTF-8 if it can be, else Windows-1252")
  func undeclared() {
    #expect(CharacterEncoding.decode(Array("é".utf8), declared: nil, isHTML: true) == "é")
    #expect(CharacterEncoding.decode([0xe9, 0x20], declared: nil, isHTML: true) == "é ")
    #expect(CharacterEncoding.decode(Array("é".utf8), declared: "x-nonsense", isHTML: true) == "é")
  }

  @Test("bytes that mean nothing are marked, and what follows is read")
  func invalid() {
    #expect(CharacterEncoding.decode([0x41, 0xff, 0x42], declared: "utf-8", isHTML: false) == "A\u{fffd}B")
    #expect(CharacterEncoding.decode([0x41, 0x81, 0x42], declared: "windows-1252", isHTML: false) == "A\u{fffd}B")
    #expect(CharacterEncoding.decode([0x93], declared: "shift_jis", isHTML: false) == "\u{fffd}")
  }

  @Test("any bytes in any encoding become text")
  func fuzz() {
    var generator = SystemRandomNumberGenerator()
    let labels = [
      "utf-8", "utf-16", "shift_jis", "gb18030", "euc-jp", "iso-2022-jp", "big5", "euc-kr", "x", "", "\u{e9}",
    ]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0..<200)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let text = CharacterEncoding.decode(bytes, declared: labels.randomElement(), isHTML: .random())
      #expect(text.unicodeScalars.count <= 4 * bytes.count)
    }
  }
}
