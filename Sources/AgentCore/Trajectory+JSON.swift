extension Trajectory {
  /// The name and version of the record format.
  public static let format = "agentenv.trajectory/1"

  /// The record, one JSON object. Reading it back gives an equal trajectory, and writing that the same bytes.
  public var json: JSONValue {
    var fields: JSONObject = ["format": .string(Self.format), "id": .string(id)]
    fields["group_id"] = groupID.map(JSONValue.string)
    fields["environment"] = environment.json
    fields["task"] = task.json
    fields["seed"] = JSONValue(seed)
    fields["policy"] = policy?.json
    fields["isolation"] = isolation?.json
    fields["messages"] = .array(messages.map(\.json))
    fields["prompt"] = prompt?.json
    fields["turns"] = .array(turns.map(\.json))
    fields["outcome"] = outcome?.json
    return .object(fields)
  }

  /// Reads a record.
  /// - Throws: `JSONError.value` with the path of the first thing that is missing, wrong or unknown.
  public init(json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json)
    let format = try fields.string("format")
    guard format == Self.format else {
      throw .value(reason: "expected `\(Self.format)`, found `\(format)`", path: "format")
    }
    self.init(
      id: try fields.string("id"),
      groupID: try fields.optionalString("group_id"),
      environment: try EnvironmentReference(json: try fields.required("environment"), path: "environment"),
      task: try EnvironmentTask(json: try fields.required("task"), path: "task"),
      seed: try fields.int("seed"),
      policy: try fields.optional("policy").map { value throws(JSONError) in
        try PolicyDescription(json: value, path: "policy")
      },
      isolation: try fields.optional("isolation").map { value throws(JSONError) in
        try Isolation(json: value, path: "isolation")
      },
      messages: try fields.array("messages") { value, path throws(JSONError) in try Message(json: value, path: path) },
      prompt: try fields.optional("prompt").map { value throws(JSONError) in
        try EncodedTokens(json: value, path: "prompt")
      },
      turns: try fields.array("turns") { value, path throws(JSONError) in try Turn(json: value, path: path) },
      outcome: try fields.optional("outcome").map { value throws(JSONError) in
        try Outcome(json: value, path: "outcome")
      })
    try fields.finish()
    for (index, turn) in turns.enumerated() where turn.index != index {
      throw .value(reason: "expected \(index), found \(turn.index)", path: "turns[\(index)].index")
    }
  }
}

extension EnvironmentReference {
  /// `{"name":…,"version":…}`, with `options` where there are any.
  public var json: JSONValue {
    var fields: JSONObject = ["name": .string(name), "version": .string(version)]
    if !options.isEmpty { fields["options"] = .object(options) }
    return .object(fields)
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      name: try fields.string("name"), version: try fields.string("version"), options: try fields.object("options"))
    try fields.finish()
  }
}

extension EnvironmentTask {
  /// The task as it stands in a record.
  public var json: JSONValue {
    [
      "id": .string(id), "split": .string(split.rawValue), "category": .string(category),
      "difficulty": .double(difficulty), "payload": .object(payload),
    ]
  }

  /// Reads a task from a record or a task file.
  public init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      id: try fields.string("id"),
      split: try fields.rawValue("split"),
      category: try fields.optionalString("category") ?? "",
      difficulty: try fields.optionalDouble("difficulty") ?? 0,
      payload: try fields.object("payload"))
    try fields.finish()
  }
}

extension PolicyDescription {
  /// The description as it stands in a record.
  public var json: JSONValue {
    [
      "name": .string(name), "version": JSONValue(version), "digest": .string(digest), "sampling": .object(sampling),
    ]
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      name: try fields.string("name"), version: try fields.int("version"), digest: try fields.string("digest"),
      sampling: try fields.object("sampling"))
    try fields.finish()
  }
}

extension Outcome {
  /// The outcome as it stands in a record.
  public var json: JSONValue {
    [
      "reward": .double(reward), "reward_components": .object(rewardComponents.mapValues(JSONValue.double)),
      "success": .bool(isSuccess), "termination": .string(termination.rawValue),
    ]
  }

  /// Reads an outcome of a record.
  public init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      reward: try fields.double("reward"), rewardComponents: try fields.numbers("reward_components"),
      isSuccess: try fields.bool("success"), termination: try fields.rawValue("termination"))
    try fields.finish()
  }
}

extension EncodedTokens {
  /// `{"token_ids":[…],"spans":[…]}`
  public var json: JSONValue {
    [
      "token_ids": .array(ids.map { .int(Int64($0)) }),
      "spans": .array(
        spans.map {
          [
            "start": JSONValue($0.start), "end": JSONValue($0.end), "provenance": .string($0.provenance.rawValue),
          ]
        }),
    ]
  }

  /// Reads tokens of a record.
  public init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    let ids = try fields.optionalTokenIDs("token_ids") ?? []
    let spans = try fields.array("spans") { value, path throws(JSONError) in
      var span = try JSONFields(value, path: path)
      let result = Span(
        start: try span.int("start"), end: try span.int("end"), provenance: try span.rawValue("provenance"))
      try span.finish()
      return result
    }
    try fields.finish()
    try self.init(ids: ids, spans: spans, path: path)
  }
}
