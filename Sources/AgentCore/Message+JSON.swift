extension Message {
  /// The message as it stands in a record.
  public var json: JSONValue {
    var fields: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
    fields["name"] = name.map(JSONValue.string)
    if !toolCalls.isEmpty { fields["tool_calls"] = .array(toolCalls.map(\.json)) }
    fields["tool_call_id"] = toolCallID.map(JSONValue.string)
    return .object(fields)
  }

  /// Reads a message of a record.
  public init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      role: try fields.rawValue("role"), content: try fields.string("content"),
      name: try fields.optionalString("name"),
      toolCalls: try fields.array("tool_calls") { value, path throws(JSONError) in
        try ToolCall(json: value, path: path)
      },
      toolCallID: try fields.optionalString("tool_call_id"))
    try fields.finish()
  }
}

extension ToolCall {
  /// `{"id":…,"name":…,"arguments":…}`
  public var json: JSONValue { ["id": .string(id), "name": .string(name), "arguments": arguments] }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    let id = try fields.string("id")
    let name = try fields.string("name")
    self.init(id: id, name: name, arguments: fields.optional("arguments") ?? .null)
    try fields.finish()
  }
}

// MARK: - Field types of records

extension JSONFields {
  /// A required field with one of an enumeration's names.
  public mutating func rawValue<Value: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws(JSONError) -> Value where Value.RawValue == String {
    let text = try string(key)
    guard let value = Value(rawValue: text) else {
      let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw .value(reason: "expected one of \(names), found `\(text)`", path: path(of: key))
    }
    return value
  }

  /// A required truth value.
  public mutating func bool(_ key: String) throws(JSONError) -> Bool {
    guard let flag = try optionalBool(key) else { throw .value(reason: "missing", path: path(of: key)) }
    return flag
  }

  /// An object of any fields, empty if absent.
  public mutating func object(_ key: String) throws(JSONError) -> JSONObject {
    guard let value = optional(key) else { return [:] }
    guard case .object(let object) = value else {
      throw .value(reason: "expected an object, found \(value.kindName)", path: path(of: key))
    }
    return object
  }

  /// A duration in milliseconds, zero if absent. Kept to whole microseconds, so that it reads back as written.
  public mutating func duration(_ key: String) throws(JSONError) -> Duration {
    let milliseconds = try optionalDouble(key) ?? 0
    guard milliseconds >= 0, milliseconds < 1e12 else {
      throw .value(reason: "expected milliseconds from 0 to 1e12, found \(milliseconds)", path: path(of: key))
    }
    return .microseconds(Int64((milliseconds * 1000).rounded()))
  }
}

extension Duration {
  /// Milliseconds, to whole microseconds.
  public var json: JSONValue { .double(Double(wholeMicroseconds) / 1000) }

  /// The duration rounded down to whole microseconds.
  public var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension JSONValue {
  /// A number from single precision, with the shortest digits that give the same `Float` back.
  public init(_ value: Float) { self = .double(Double(value.description) ?? Double(value)) }
}
