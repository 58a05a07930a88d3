import AgentCore

/// What the launcher found when it tried each layer of isolation on this machine.
public struct CapabilityReport: Sendable, Hashable {
  /// One mechanism, tried in a process of its own.
  public struct Layer: Sendable, Hashable {
    public var name: String
    public var isPresent: Bool
    /// Why it is absent, in the kernel's words.
    public var reason: String
    /// What its absence leaves open.
    public var open: String
    /// How to get it.
    public var remedy: String
    public var duration: Duration
  }

  /// `full`, `no-namespace`, or `none` if nothing may be run here.
  public var isolation: String
  public var layers: [Layer]
  /// What will be weaker than the mode promises.
  public var degraded: [String]

  /// The best mode that the machine gives.
  public var mode: IsolationMode? { IsolationMode(rawValue: isolation) }
}

extension CapabilityReport {
  /// Reads what `agentenv-sandbox probe` prints.
  /// - Throws: `JSONError` if it is something else.
  init(probeOutput bytes: [UInt8]) throws(JSONError) {
    var fields = try JSONFields(try JSONValue(parsing: bytes))
    isolation = try fields.string("isolation")
    layers = try fields.array("layers") { value, path throws(JSONError) in try Layer(json: value, path: path) }
    degraded = try fields.array("degraded") { value, path throws(JSONError) in
      guard let name = value.stringValue else { throw .value(reason: "expected a string", path: path) }
      return name
    }
  }

  public var json: JSONValue {
    [
      "isolation": .string(isolation), "degraded": .array(degraded.map { .string($0) }),
      "layers": .array(layers.map(\.json)),
    ]
  }
}

extension CapabilityReport.Layer {
  fileprivate init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    name = try fields.string("name")
    isPresent = try fields.optionalBool("present") ?? false
    reason = try fields.optionalString("reason") ?? ""
    open = try fields.optionalString("open") ?? ""
    remedy = try fields.optionalString("remedy") ?? ""
    duration = .microseconds(try fields.optionalInt("microseconds") ?? 0)
  }

  fileprivate var json: JSONValue {
    [
      "name": .string(name), "present": .bool(isPresent), "reason": .string(reason), "open": .string(open),
      "remedy": .string(remedy), "probe_ms": duration.json,
    ]
  }
}
