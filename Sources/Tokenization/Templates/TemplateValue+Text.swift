extension TemplateValue {
  /// The value as `{{ … }}` prints it.
  var printed: String {
    switch self {
    case .undefined: ""
    case .string(let value): value
    default: representation
    }
  }

  /// Python's `repr`.
  var representation: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): String(value)
    case .real(let value): value.description
    case .string(let value): Self.quoted(value)
    case .list(let values): "[" + values.map(\.representation).joined(separator: ", ") + "]"
    case .dictionary(let value):
      "{" + value.entries.map { "\(Self.quoted($0.key)): \($0.value.representation)" }.joined(separator: ", ") + "}"
    case .namespace: "<namespace>"
    case .function(let function): "<function \(function.name)>"
    }
  }

  private static func quoted(_ text: String) -> String {
    let quote = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? "\"" : "'"
    var result = quote
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\\": result += "\\\\"
      case "'" where quote == "'": result += "\\'"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + quote
  }

  /// JSON as Python's `json.dumps(…, ensure_ascii=False)` writes it, which is what chat templates are rendered with.
  ///
  /// - Parameter indent: spaces a level, or nil for one line with ", " and ": ".
  func json(indent: Int?) throws(TemplateFailure) -> String {
    var output = ""
    try writeJSON(to: &output, indent: indent, level: 0)
    return output
  }

  private func writeJSON(to output: inout String, indent: Int?, level: Int) throws(TemplateFailure) {
    switch self {
    case .none: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .real(let value): output += value.description
    case .string(let value): Self.writeJSONString(value, to: &output)
    case .list(let values):
      try Self.writeJSONItems(values, between: ("[", "]"), to: &output, indent: indent, level: level) {
        value, output throws(TemplateFailure) in
        try value.writeJSON(to: &output, indent: indent, level: level + 1)
      }
    case .dictionary(let value):
      try Self.writeJSONItems(value.entries, between: ("{", "}"), to: &output, indent: indent, level: level) {
        entry, output throws(TemplateFailure) in
        Self.writeJSONString(entry.key, to: &output)
        output += ": "
        try entry.value.writeJSON(to: &output, indent: indent, level: level + 1)
      }
    case .undefined, .namespace, .function:
      throw .reason("\(kindName) cannot be written as JSON")
    }
  }

  private static func writeJSONItems<Item>(
    _ items: [Item], between brackets: (String, String), to output: inout String, indent: Int?, level: Int,
    _ write: (Item, inout String) throws(TemplateFailure) -> Void
  ) throws(TemplateFailure) {
    output += brackets.0
    func newLine(_ level: Int) -> String { indent.map { "\n" + String(repeating: " ", count: $0 * level) } ?? "" }
    for (index, item) in items.enumerated() {
      if index > 0 { output += indent == nil ? ", " : "," }
      output += newLine(level + 1)
      try write(item, &output)
    }
    if !items.isEmpty { output += newLine(level) }
    output += brackets.1
  }

  private static func writeJSONString(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{8}": output += "\\b"
      case "\u{C}": output += "\\f"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
