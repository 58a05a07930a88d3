/// Reads an object field by field and then insists that nothing was left over.
///
/// Records and requests are parsed once, at the edge; what is not understood is refused with its path.
public struct JSONFields {
  /// Where the object stands in the document, e.g. `turns[2].action`.
  public let path: String
  private let fields: JSONObject
  private var seen: Set<String> = []

  /// - Throws: `JSONError.value` if `value` is no object.
  public init(_ value: JSONValue, path: String = "") throws(JSONError) {
    guard case .object(let fields) = value else {
      throw .value(reason: "expected an object, found \(value.kindName)", path: path)
    }
    self.fields = fields
    self.path = path
  }

  /// The path of a field of this object.
  public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The field's value; nil if it is absent or null.
  public mutating func optional(_ key: String) -> JSONValue? {
    seen.insert(key)
    guard let value = fields[key], value != .null else { return nil }
    return value
  }

  /// The field's value; an absent or null field is an error.
  public mutating func required(_ key: String) throws(JSONError) -> JSONValue {
    guard let value = optional(key) else { throw .value(reason: "missing", path: path(of: key)) }
    return value
  }

  /// Refuses fields that nobody asked for.
  public func finish() throws(JSONError) {
    if let unknown = fields.keys.first(where: { !seen.contains($0) }) {
      throw .value(reason: "unknown field", path: path(of: unknown))
    }
  }

  private func mismatch(_ key: String, _ expected: String, _ value: JSONValue) -> JSONError {
    .value(reason: "expected \(expected), found \(value.kindName)", path: path(of: key))
  }
}

// MARK: - Typed fields

extension JSONFields {
  /// A string field; nil if absent.
  public mutating func optionalString(_ key: String) throws(JSONError) -> String? {
    guard let value = optional(key) else { return nil }
    guard let text = value.stringValue else { throw mismatch(key, "a string", value) }
    return text
  }

  /// A required string field.
  public mutating func string(_ key: String) throws(JSONError) -> String {
    guard let text = try optionalString(key) else { throw .value(reason: "missing", path: path(of: key)) }
    return text
  }

  /// A whole number; nil if absent.
  public mutating func optionalInt(_ key: String) throws(JSONError) -> Int? {
    guard let value = optional(key) else { return nil }
    guard let number = value.intValue else { throw mismatch(key, "a whole number", value) }
    return number
  }

  /// A required whole number.
  public mutating func int(_ key: String) throws(JSONError) -> Int {
    guard let number = try optionalInt(key) else { throw .value(reason: "missing", path: path(of: key)) }
    return number
  }

  /// A finite number; nil if absent.
  public mutating func optionalDouble(_ key: String) throws(JSONError) -> Double? {
    guard let value = optional(key) else { return nil }
    guard let number = value.doubleValue else { throw mismatch(key, "a number", value) }
    return number
  }

  /// A required finite number.
  public mutating func double(_ key: String) throws(JSONError) -> Double {
    guard let number = try optionalDouble(key) else { throw .value(reason: "missing", path: path(of: key)) }
    return number
  }

  /// A truth value; nil if absent.
  public mutating func optionalBool(_ key: String) throws(JSONError) -> Bool? {
    guard let value = optional(key) else { return nil }
    guard let flag = value.boolValue else { throw mismatch(key, "true or false", value) }
    return flag
  }

  /// An array field, empty if absent, each element read with its path.
  public mutating func array<Element>(
    _ key: String, _ read: (JSONValue, String) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    guard let value = optional(key) else { return [] }
    guard case .array(let elements) = value else { throw mismatch(key, "an array", value) }
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      result.append(try read(element, "\(path(of: key))[\(index)]"))
    }
    return result
  }

  /// An array of whole numbers that fit a token id; nil if absent.
  public mutating func optionalTokenIDs(_ key: String) throws(JSONError) -> [Int32]? {
    guard optional(key) != nil else { return nil }
    return try array(key) { value, path throws(JSONError) in
      guard let number = value.intValue, let id = Int32(exactly: number), id >= 0 else {
        throw .value(reason: "expected a token id, found \(value.kindName)", path: path)
      }
      return id
    }
  }

  /// An object of numbers, empty if absent.
  public mutating func numbers(_ key: String) throws(JSONError) -> RewardComponents {
    guard let value = optional(key) else { return [:] }
    guard case .object(let fields) = value else { throw mismatch(key, "an object of numbers", value) }
    var numbers = RewardComponents()
    for (name, value) in fields {
      guard let number = value.doubleValue else {
        throw .value(reason: "expected a number, found \(value.kindName)", path: "\(path(of: key)).\(name)")
      }
      numbers[name] = number
    }
    return numbers
  }
}
