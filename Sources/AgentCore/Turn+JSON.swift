extension Turn {
  /// The turn as it stands in a record.
  public var json: JSONValue {
    var fields: JSONObject = ["index": JSONValue(index)]
    fields["state_key"] = stateKey.map(JSONValue.string)
    fields["progress"] = progress.map(JSONValue.double)
    fields["action"] = action.json
    fields["observation"] = observation.json
    fields["tool_results"] = .array(toolResults.map(\.json))
    fields["reward"] = .double(reward)
    fields["reward_components"] = .object(rewardComponents.mapValues(JSONValue.double))
    fields["masked"] = .bool(isMasked)
    fields["started_at"] = .string(startedAt)
    fields["duration_ms"] = duration.json
    return .object(fields)
  }

  /// Reads a turn of a record.
  public init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    self.init(
      index: try fields.int("index"),
      stateKey: try fields.optionalString("state_key"),
      progress: try fields.optionalDouble("progress"),
      action: try Action(json: try fields.required("action"), path: fields.path(of: "action")),
      observation: try Observation(json: try fields.required("observation"), path: fields.path(of: "observation")),
      toolResults: try fields.array("tool_results") { value, path throws(JSONError) in
        try ToolResult(json: value, path: path)
      },
      reward: try fields.double("reward"),
      rewardComponents: try fields.numbers("reward_components"),
      isMasked: try fields.optionalBool("masked") ?? false,
      startedAt: try fields.string("started_at"),
      duration: try fields.duration("duration_ms"))
    try fields.finish()
  }
}

extension Action {
  var json: JSONValue {
    var fields: JSONObject = ["text": .string(text)]
    fields["token_ids"] = tokens.map { .array($0.ids.map { .int(Int64($0)) }) }
    fields["logprobs"] = tokens.map { .array($0.logprobs.map(JSONValue.init(_:))) }
    fields["finish"] = .string(finish.rawValue)
    fields["tool_calls"] = .array(toolCalls.map(\.json))
    if !malformedCalls.isEmpty {
      fields["malformed_calls"] = .array(
        malformedCalls.map { ["text": .string($0.text), "reason": .string($0.reason)] })
    }
    return .object(fields)
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    let ids = try fields.optionalTokenIDs("token_ids")
    let logprobs = try fields.array("logprobs") { value, path throws(JSONError) in
      guard let number = value.doubleValue else {
        throw .value(reason: "expected a number, found \(value.kindName)", path: path)
      }
      return Float(number)
    }
    guard logprobs.count == ids?.count ?? 0 else {
      throw .value(
        reason: "\(logprobs.count) log-probabilities for \(ids?.count ?? 0) token ids",
        path: fields.path(of: "logprobs"))
    }
    self.init(
      text: try fields.string("text"),
      toolCalls: try fields.array("tool_calls") { value, path throws(JSONError) in
        try ToolCall(json: value, path: path)
      },
      malformedCalls: try fields.array("malformed_calls") { value, path throws(JSONError) in
        var call = try JSONFields(value, path: path)
        let result = MalformedCall(text: try call.string("text"), reason: try call.string("reason"))
        try call.finish()
        return result
      },
      tokens: ids.map { PolicyTokens(ids: $0, logprobs: logprobs) },
      finish: try fields.rawValue("finish"))
    try fields.finish()
  }
}

extension Observation {
  var json: JSONValue {
    var fields: JSONObject = ["messages": .array(messages.map(\.json))]
    if let tokens, case .object(let encoded) = tokens.json {
      fields.merge(encoded, uniquingKeysWith: { _, new in new })
    }
    return .object(fields)
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    let messages = try fields.array("messages") { value, path throws(JSONError) in
      try Message(json: value, path: path)
    }
    let ids = fields.optional("token_ids")
    let spans = fields.optional("spans")
    try fields.finish()
    var tokens: EncodedTokens?
    if let ids {
      // A record from another program may give ids without saying where each came from: all are the environment's.
      let count = ids.arrayValue?.count ?? 0
      let whole: JSONValue = count == 0 ? [] : [["start": 0, "end": JSONValue(count), "provenance": "tool"]]
      tokens = try EncodedTokens(json: ["token_ids": ids, "spans": spans ?? whole], path: path)
    }
    self.init(messages: messages, tokens: tokens)
  }
}

extension ToolResult {
  var json: JSONValue {
    var fields: JSONObject = [
      "id": .string(id), "status": .string(status.rawValue), "content": .string(content), "duration_ms": duration.json,
    ]
    fields["isolation"] = isolation.map { .string($0.mode) }
    fields["degraded"] = isolation.map { .array($0.degraded.map(JSONValue.string)) }
    return .object(fields)
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    let mode = try fields.optionalString("isolation")
    let degraded = try fields.array("degraded") { value, path throws(JSONError) in
      guard let layer = value.stringValue else {
        throw .value(reason: "expected a string, found \(value.kindName)", path: path)
      }
      return layer
    }
    if mode == nil, !degraded.isEmpty {
      throw .value(reason: "degraded layers without `isolation`", path: fields.path(of: "degraded"))
    }
    self.init(
      id: try fields.string("id"), status: try fields.rawValue("status"), content: try fields.string("content"),
      duration: try fields.duration("duration_ms"), isolation: mode.map { Isolation(mode: $0, degraded: degraded) })
    try fields.finish()
  }
}
