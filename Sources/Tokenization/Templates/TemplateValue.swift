import AgentCore

/// A value while a template is rendered. Python's semantics of truth, equality and printing.
enum TemplateValue {
  /// A name or attribute that does not exist: prints as nothing, anything else with it is an error.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case string(String)
  case list([TemplateValue])
  case dictionary(TemplateDictionary)
  case namespace(TemplateNamespace)
  case function(TemplateFunction)

  init(_ json: JSONValue) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .integer(Int(value))
    case .double(let value): self = .real(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .list(values.map(TemplateValue.init))
    case .object(let fields):
      self = .dictionary(TemplateDictionary(entries: fields.map { ($0.key, TemplateValue($0.value)) }))
    }
  }

  var isUndefined: Bool {
    guard case .undefined = self else { return false }
    return true
  }

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .real(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let values): !values.isEmpty
    case .dictionary(let value): !value.entries.isEmpty
    case .namespace, .function: true
    }
  }

  /// Booleans count as 0 and 1.
  var number: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  var index: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  var kindName: String {
    switch self {
    case .undefined(let name): "undefined (\(name))"
    case .none: "none"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .real: "a number"
    case .string: "a string"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .namespace: "a namespace"
    case .function: "a function"
    }
  }

  static func == (left: TemplateValue, right: TemplateValue) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left == right
    case (.undefined, .undefined), (.none, .none): true
    case (.string(let left), .string(let right)): PythonText.equal(left, right)
    case (.list(let left), .list(let right)): left.count == right.count && zip(left, right).allSatisfy { $0 == $1 }
    case (.dictionary(let left), .dictionary(let right)):
      left.entries.count == right.entries.count
        && left.entries.allSatisfy { entry in right[entry.key].map { entry.value == $0 } ?? false }
    default: left.number.flatMap { left in right.number.map { left == $0 } } ?? false
    }
  }

  static func != (left: TemplateValue, right: TemplateValue) -> Bool { !(left == right) }
}

/// String keys in insertion order; compared as Python does, scalar by scalar.
struct TemplateDictionary {
  var entries: [(key: String, value: TemplateValue)] = []

  subscript(_ key: String) -> TemplateValue? {
    get { entries.first { PythonText.equal($0.key, key) }?.value }
    set {
      let index = entries.firstIndex { PythonText.equal($0.key, key) }
      if let index, let newValue {
        entries[index].value = newValue
      } else if let newValue {
        entries.append((key, newValue))
      } else if let index {
        entries.remove(at: index)
      }
    }
  }
}

/// Jinja's `namespace()`: the one object whose attributes `set` can change from inside a loop.
final class TemplateNamespace {
  var attributes: TemplateDictionary
  init(_ attributes: TemplateDictionary) { self.attributes = attributes }
}

/// Arguments after evaluation.
struct TemplateCallArguments {
  var positional: [TemplateValue] = []
  var named: [(name: String, value: TemplateValue)] = []

  func named(_ name: String) -> TemplateValue? { named.first { $0.name == name }?.value }

  /// The argument at a position, or by its name.
  func value(_ position: Int, _ name: String) -> TemplateValue? {
    position < positional.count ? positional[position] : named(name)
  }
}

struct TemplateFunction {
  var name: String
  var body: (TemplateCallArguments) throws(TemplateFailure) -> TemplateValue
}

/// A failure before its line is known.
enum TemplateFailure: Error {
  case reason(String)
  case refusal(String)
  case located(TemplateError)
}

// A value may hold closures over its interpreter, so it stays with one rendering. (Said explicitly: inferring it for
// types that contain each other is an error in Swift 6.3.)
@available(*, unavailable) extension TemplateValue: Sendable {}
@available(*, unavailable) extension TemplateDictionary: Sendable {}
