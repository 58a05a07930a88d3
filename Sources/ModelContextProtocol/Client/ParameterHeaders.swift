import AgentCore
import Foundation

/// Arguments that a schema asks to repeat as HTTP headers (`x-mcp-header`, revision 2026-07-28), so that proxies can
/// route calls without reading bodies.
enum ParameterHeaders {
  static let annotation = "x-mcp-header"

  /// The headers for these arguments. Only annotations on strings, whole numbers and truth values that are reached
  /// through `properties` alone count.
  static func fields(for arguments: JSONObject, schema: JSONValue) -> [HeaderField] {
    guard let properties = schema["properties"]?.objectValue else { return [] }
    var fields: [HeaderField] = []
    for (name, property) in properties {
      guard let value = arguments[name] else { continue }
      if let token = property[annotation]?.stringValue, isToken(token), let text = text(value) {
        fields.append(HeaderField(name: "Mcp-Param-\(token)", value: encoded(text)))
      } else if let inner = value.objectValue {
        fields += self.fields(for: inner, schema: property)
      }
    }
    return fields
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int, .double: value.intValue.map(String.init)
    default: nil
    }
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
      }
  }

  /// The text as a header can carry it: as it is where it is plain ASCII, else in base64 with the protocol's mark.
  static func encoded(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && text.first != " " && text.last != " "
    let isMarked = text.hasPrefix("=?base64?") && text.hasSuffix("?=")
    return isPlain && !isMarked ? text : "=?base64?\(Data(text.utf8).base64EncodedString())?="
  }
}
