/// `value.name`, `value[key]` and `value[a:b:c]`.
enum TemplateAccess {
  static func attribute(_ name: String, of value: TemplateValue) throws(TemplateFailure) -> TemplateValue {
    switch value {
    case .dictionary(let dictionary): return dictionary[name] ?? .undefined(name)
    case .namespace(let namespace): return namespace.attributes[name] ?? .undefined(name)
    case .undefined(let base): throw .reason("\(base) is undefined, it has no \(name)")
    default: return .undefined(name)
    }
  }

  static func element(_ key: TemplateValue, of value: TemplateValue) throws(TemplateFailure) -> TemplateValue {
    switch (value, key) {
    case (.undefined(let base), _): throw .reason("\(base) is undefined, it has no element \(key.representation)")
    case (.dictionary, .string(let name)), (.namespace, .string(let name)): return try attribute(name, of: value)
    case (.list(let values), _):
      guard let index = key.index else { return .undefined("element \(key.representation)") }
      let position = index < 0 ? index + values.count : index
      return values.indices.contains(position) ? values[position] : .undefined("element \(index)")
    case (.string(let text), _):
      guard let index = key.index else { return .undefined("element \(key.representation)") }
      let scalars = Array(text.unicodeScalars)
      let position = index < 0 ? index + scalars.count : index
      guard scalars.indices.contains(position) else { return .undefined("element \(index)") }
      return .string(String(Character(scalars[position])))
    default: return .undefined("element \(key.representation)")
    }
  }

  static func slice(
    _ value: TemplateValue, start: Int?, end: Int?, step: Int
  ) throws(TemplateFailure) -> TemplateValue {
    guard step != 0, step != .min else { throw .reason("a slice with a step of \(step)") }
    switch value {
    case .list(let values):
      let indices = PythonText.sliceIndices(count: values.count, start: start, end: end, step: step)
      return .list(indices.map { values[$0] })
    case .string(let text):
      let scalars = Array(text.unicodeScalars)
      let indices = PythonText.sliceIndices(count: scalars.count, start: start, end: end, step: step)
      return .string(PythonText.string(indices.map { scalars[$0] }))
    default: throw .reason("cannot slice \(value.kindName)")
    }
  }
}
