import AgentCore

/// Reads the fields of a request; what is missing or of the wrong kind is a `RequestProblem` with its place.
struct RequestFields {
  let fields: JSONObject

  init(_ fields: JSONObject) {
    self.fields = fields
  }

  /// - Throws: `RequestProblem` if the value is no object.
  init(_ value: JSONValue) throws(RequestProblem) {
    guard case .object(let fields) = value else {
      throw RequestProblem(
        type: "dict_type", location: [], message: "Input should be an object, found \(value.kindName)", input: value)
    }
    self.fields = fields
  }

  /// The value; nil if it is absent or null.
  subscript(_ key: String) -> JSONValue? {
    guard let value = fields[key], value != .null else { return nil }
    return value
  }

  func required(_ key: String) throws(RequestProblem) -> JSONValue {
    guard let value = self[key] else { throw .missing(key, in: .object(fields)) }
    return value
  }

  func string(_ key: String, maxLength: Int = .max) throws(RequestProblem) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.stringValue else {
      throw .wrong(key, expected: "a string", type: "string_type", found: value)
    }
    guard text.unicodeScalars.count <= maxLength else {
      throw RequestProblem(
        type: "string_too_long", location: [key], message: "String should have at most \(maxLength) characters",
        input: value)
    }
    return text
  }

  /// A whole number from 0.
  func natural(_ key: String) throws(RequestProblem) -> Int? {
    guard let value = self[key] else { return nil }
    guard let number = value.intValue else {
      throw .wrong(key, expected: "a whole number", type: "int_type", found: value)
    }
    guard number >= 0 else {
      throw RequestProblem(
        type: "greater_than_equal", location: [key], message: "Input should be greater than or equal to 0",
        input: value)
    }
    return number
  }

  /// A number above 0 that is at most a day of seconds.
  func seconds(_ key: String) throws(RequestProblem) -> Duration? {
    guard let value = self[key] else { return nil }
    guard let number = value.doubleValue else {
      throw .wrong(key, expected: "a number", type: "float_type", found: value)
    }
    guard number > 0, number <= 86_400 else {
      throw RequestProblem(
        type: "greater_than", location: [key], message: "Input should be greater than 0 and at most 86400",
        input: value)
    }
    return .microseconds(Int64(number * 1e6))
  }

  func split(_ key: String) throws(RequestProblem) -> Split? {
    guard let name = try string(key) else { return nil }
    guard let split = Split(rawValue: name) else {
      let names = Split.allCases.map(\.rawValue).joined(separator: ", ")
      throw .value(key, message: "there is no split `\(name)`; the splits are: \(names)", found: .string(name))
    }
    return split
  }
}
