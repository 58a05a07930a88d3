/// What kept a program apart from the machine it ran on, as every sandboxed result states it.
public struct Isolation: Sendable, Hashable {
  /// The set of layers: `full` (namespaces, Landlock, system-call filter, limits) or `no-namespace` (all of these but
  /// the namespaces); `none` where nothing was run.
  public var mode: String
  /// What is weaker than the mode promises, by name, e.g. `memory:rlimit`; empty where nothing is.
  public var degraded: [String]

  public init(mode: String, degraded: [String] = []) {
    self.mode = mode
    self.degraded = degraded
  }

  /// Nothing was run, so nothing was kept apart.
  public static let none = Isolation(mode: "none")
}

extension Isolation {
  /// `{"mode":"full","degraded":["memory:rlimit"]}`
  public var json: JSONValue {
    ["mode": .string(mode), "degraded": .array(degraded.map(JSONValue.string))]
  }

  /// - Throws: `JSONError.value` with the field's path.
  public init(json value: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(value, path: path)
    mode = try fields.string("mode")
    degraded = try fields.array("degraded") { value, path throws(JSONError) in
      guard let name = value.stringValue else {
        throw .value(reason: "expected a string, found \(value.kindName)", path: path)
      }
      return name
    }
    try fields.finish()
  }
}
