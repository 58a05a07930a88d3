import CLibXML2
import Glibc

/// Turns a document's bytes into text.
enum CharacterEncoding {
  /// In the order that browsers go by: a byte order mark, what the response declares, what an HTML page declares
  /// itself; else UTF-8 if the bytes are that, and Windows-1252 if not. What does not decode becomes U+FFFD.
  static func decode(_ bytes: [UInt8], declared: String?, isHTML: Bool) -> String {
    if let (label, length) = byteOrderMark(bytes) { return text(bytes.dropFirst(length), label) }
    if let declared, isKnown(declared) { return text(bytes[...], declared) }
    if isHTML, let label = labelInMeta(bytes), isKnown(label) { return text(bytes[...], label) }
    return String(validating: bytes, as: UTF8.self) ?? text(bytes[...], "windows-1252")
  }

  private static func byteOrderMark(_ bytes: [UInt8]) -> (label: String, length: Int)? {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return ("utf-8", 3) }
    if bytes.starts(with: [0xfe, 0xff]) { return ("utf-16be", 2) }
    if bytes.starts(with: [0xff, 0xfe]) { return ("utf-16le", 2) }
    return nil
  }

  /// The `charset` of `<meta charset=…>` or `<meta http-equiv=content-type content="…; charset=…">`, which has to be
  /// among the first 1024 bytes. One that calls itself UTF-16 cannot be, having been read as ASCII.
  private static func labelInMeta(_ bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(1024).map { $0 < 128 ? $0 : 63 }, as: UTF8.self).lowercased()
    for tag in head.components(after: "<meta") {
      let attributes = tag.prefix { $0 != ">" }
      guard let value = attributes.components(after: "charset").first?.drop(while: { $0.isWhitespace }),
        value.first == "="
      else { continue }
      let label = value.dropFirst().drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
        .prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_:.".contains($0)) }
      if !label.isEmpty { return label.hasPrefix("utf-16") ? "utf-8" : String(label) }
    }
    return nil
  }

  private static func isKnown(_ label: String) -> Bool {
    guard let converter = Converter(from: name(of: label)) else { return false }
    converter.close()
    return true
  }

  private static func text(_ bytes: ArraySlice<UInt8>, _ label: String) -> String {
    let name = name(of: label)
    guard name != "UTF-8", let converter = Converter(from: name) else { return String(decoding: bytes, as: UTF8.self) }
    defer { converter.close() }
    return String(decoding: converter.convert(Array(bytes)), as: UTF8.self)
  }

  /// iconv's name for a label, as the encoding standard of the web has it: older names stand for wider encodings.
  private static func name(of label: String) -> String {
    switch label.lowercased() {
    case "utf-8", "utf8", "unicode-1-1-utf-8": "UTF-8"
    case "utf-16", "utf-16le": "UTF-16LE"
    case "iso-8859-1", "latin1", "iso8859-1", "us-ascii", "ascii", "windows-1252", "cp1252", "x-cp1252": "CP1252"
    case "iso-8859-9", "latin5": "CP1254"
    case "gb2312", "gbk", "gb18030", "x-gbk": "GB18030"
    case "shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j": "CP932"
    case "euc-kr", "ks_c_5601-1987", "korean", "windows-949": "CP949"
    case "big5", "big5-hkscs", "x-x-big5": "BIG5-HKSCS"
    case let other: other.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
    }
  }
}

/// iconv, to UTF-8.
private struct Converter {
  private let descriptor: iconv_t

  /// Nil for an encoding that iconv does not know.
  init?(from encoding: String) {
    guard !encoding.isEmpty, let descriptor = iconv_open("UTF-8", encoding), Int(bitPattern: descriptor) != -1 else {
      return nil
    }
    self.descriptor = descriptor
  }

  func close() { iconv_close(descriptor) }

  func convert(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + bytes.count / 2)
    var buffer = [CChar](repeating: 0, count: 16 * 1024)
    var input = bytes.map(CChar.init(bitPattern:))
    input.withUnsafeMutableBufferPointer { source in
      var next = source.baseAddress
      var left = source.count
      while left > 0 {
        let result = buffer.withUnsafeMutableBufferPointer { target in
          var end = target.baseAddress
          var room = target.count
          let result = iconv(descriptor, &next, &left, &end, &room)
          let problem = errno
          output.append(contentsOf: target.prefix(target.count - room).lazy.map(UInt8.init(bitPattern:)))
          return result == -1 ? problem : 0
        }
        if result == 0 || result == E2BIG { continue }
        // Bytes that mean nothing here, or an end in the middle of a character.
        output += [0xef, 0xbf, 0xbd]
        next = next.map { $0 + 1 }
        left -= 1
      }
    }
    return output
  }
}

extension StringProtocol {
  /// What follows each occurrence of a word.
  fileprivate func components(after word: String) -> [Substring] {
    var found: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: word) {
      rest = rest[range.upperBound...]
      found.append(Substring(rest))
    }
    return found
  }
}
