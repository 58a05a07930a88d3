extension JSONValue {
  /// The same value with the keys of every object in order: two values that differ only in the order of keys are written
  /// alike.
  public var withSortedKeys: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.withSortedKeys))
    case .object(let fields):
      .object(
        JSONObject(uniqueKeysWithValues: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value.withSortedKeys) }))
    default: self
    }
  }
}
