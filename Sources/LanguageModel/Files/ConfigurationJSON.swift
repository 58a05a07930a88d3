import AgentCore

/// `config.json` of Hugging Face checkpoints, model type `llama`.
extension ModelFile {
  static func configuration(from json: JSONValue, path: String) throws(ModelFileError) -> TransformerConfiguration {
    let type = json["model_type"]?.stringValue ?? "missing"
    guard type == "llama" else {
      throw .unsupported(path: path, place: "model_type", found: type, supported: "llama")
    }
    try checkPlain(json, path: path)
    func size(_ key: String) throws(ModelFileError) -> Int {
      guard let value = json[key]?.intValue else {
        throw .malformed(path: path, place: key, problem: json[key] == nil ? "missing" : "not an integer")
      }
      return value
    }
    let heads = try size("num_attention_heads")
    let width = try size("hidden_size")
    // Newer configurations move the base of the angles into rope_parameters.
    let theta = json["rope_theta"]?.doubleValue ?? json["rope_parameters"]?["rope_theta"]?.doubleValue ?? 10_000
    let configuration = TransformerConfiguration(
      vocabularySize: try size("vocab_size"), width: width, layers: try size("num_hidden_layers"), heads: heads,
      keyValueHeads: json["num_key_value_heads"]?.intValue ?? heads,
      headWidth: json["head_dim"]?.intValue ?? (heads > 0 ? width / heads : 0),
      feedForwardWidth: try size("intermediate_size"), ropeTheta: Float(theta),
      normEpsilon: Float(json["rms_norm_eps"]?.doubleValue ?? 1e-6),
      contextLength: try size("max_position_embeddings"),
      tiedEmbeddings: json["tie_word_embeddings"]?.boolValue ?? false)
    if let problem = configuration.problem { throw .malformed(path: path, place: "sizes", problem: problem) }
    return configuration
  }

  /// Options that change what the model computes and that we do not have.
  private static func checkPlain(_ json: JSONValue, path: String) throws(ModelFileError) {
    let scaling = json["rope_scaling"] ?? json["rope_parameters"] ?? .null
    let kind = scaling["rope_type"]?.stringValue ?? scaling["type"]?.stringValue ?? "default"
    guard kind == "default" else {
      throw .unsupported(path: path, place: "rope_scaling", found: kind, supported: "default")
    }
    for key in ["attention_bias", "mlp_bias"] where json[key]?.boolValue == true {
      throw .unsupported(path: path, place: key, found: "true", supported: "false")
    }
    if let activation = json["hidden_act"]?.stringValue, activation != "silu" {
      throw .unsupported(path: path, place: "hidden_act", found: activation, supported: "silu")
    }
  }

  static func json(of configuration: TransformerConfiguration) -> JSONValue {
    [
      "architectures": ["LlamaForCausalLM"],
      "model_type": "llama",
      "vocab_size": JSONValue(configuration.vocabularySize),
      "hidden_size": JSONValue(configuration.width),
      "num_hidden_layers": JSONValue(configuration.layers),
      "num_attention_heads": JSONValue(configuration.heads),
      "num_key_value_heads": JSONValue(configuration.keyValueHeads),
      "head_dim": JSONValue(configuration.headWidth),
      "intermediate_size": JSONValue(configuration.feedForwardWidth),
      "rope_theta": .double(Double(configuration.ropeTheta)),
      "rms_norm_eps": .double(Double(configuration.normEpsilon)),
      "max_position_embeddings": JSONValue(configuration.contextLength),
      "tie_word_embeddings": .bool(configuration.tiedEmbeddings),
      "hidden_act": "silu",
      "attention_bias": false,
      "mlp_bias": false,
      "torch_dtype": "float32",
    ]
  }
}
