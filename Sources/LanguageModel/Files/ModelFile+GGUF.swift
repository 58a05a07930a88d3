extension ModelFile {
  static func loadGGUF(_ file: GGUFFile) throws(ModelFileError) -> LoadedModel {
    let configuration = try file.configuration()
    try checkNoUnknownTensors(file, configuration)
    let names = Dictionary(
      uniqueKeysWithValues: zip(configuration.tensorShapes.map(\.name), ggufNames(configuration)))
    let parameters = try decode(configuration, path: file.file.path) { names[$0].flatMap { file.tensors[$0] } }
    for layer in 0..<configuration.layers {
      let width = configuration.headWidth
      unpermute(parameters, TensorName.query(layer), heads: configuration.heads, headWidth: width)
      unpermute(parameters, TensorName.key(layer), heads: configuration.keyValueHeads, headWidth: width)
    }
    return LoadedModel(configuration: configuration, parameters: parameters, tokenizer: .gguf(file.metadata))
  }

  /// GGUF names in the order of `TransformerConfiguration.tensorShapes`.
  static func ggufNames(_ configuration: TransformerConfiguration) -> [String] {
    let suffixes = [
      "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down",
    ]
    let blocks = (0..<configuration.layers).flatMap { layer in suffixes.map { "blk.\(layer).\($0).weight" } }
    return ["token_embd.weight"] + blocks + ["output_norm.weight"]
      + (configuration.tiedEmbeddings ? [] : ["output.weight"])
  }

  /// A tensor that we would ignore changes what the model computes: biases, or rotary scaling factors.
  private static func checkNoUnknownTensors(_ file: GGUFFile, _ configuration: TransformerConfiguration)
    throws(ModelFileError)
  {
    let known = Set(ggufNames(configuration))
    let unknown = file.tensors.keys.sorted().first { !known.contains($0) && $0 != "output.weight" }
    guard let unknown else { return }
    throw .unsupported(
      path: file.file.path, place: "tensor", found: unknown, supported: "the tensors of a plain Llama model")
  }

  /// Puts rotary pairs back from GGUF's neighbours (2i, 2i+1) to the halves (i, i + headWidth / 2) of a checkpoint.
  private static func unpermute(_ parameters: ParameterBuffer, _ name: String, heads: Int, headWidth: Int) {
    guard let tensor = parameters.tensor(named: name) else { return }
    let columns = tensor.shape[1]
    let half = headWidth / 2
    parameters.withMutableTensor(tensor) { values in
      var head = [Float](repeating: 0, count: headWidth * columns)
      for index in 0..<heads {
        let rows = values[index * headWidth * columns..<(index + 1) * headWidth * columns]
        for row in 0..<headWidth {
          let source = rows.startIndex + (row < half ? 2 * row : 2 * (row - half) + 1) * columns
          head.replaceSubrange(row * columns..<(row + 1) * columns, with: values[source..<source + columns])
        }
        _ = values[rows.indices].update(fromContentsOf: head)
      }
    }
  }
}

extension GGUFFile {
  /// The model's sizes, from metadata and the shape of the embedding.
  func configuration() throws(ModelFileError) -> TransformerConfiguration {
    guard let architecture = metadata["general.architecture"]?.stringValue else {
      throw .malformed(path: file.path, place: "metadata general.architecture", problem: "missing")
    }
    guard architecture == "llama" else {
      throw .unsupported(path: file.path, place: "architecture", found: architecture, supported: "llama")
    }
    try checkPlainRotary()
    let heads = try size("llama.attention.head_count")
    let width = try size("llama.embedding_length")
    guard let embedding = tensors["token_embd.weight"], embedding.shape.count == 2 else {
      throw .missingTensor(path: file.path, name: "token_embd.weight")
    }
    let headWidth = try optionalSize("llama.attention.key_length") ?? (heads > 0 ? width / heads : 0)
    let rotated = try optionalSize("llama.rope.dimension_count") ?? headWidth
    guard rotated == headWidth else {
      throw .unsupported(
        path: file.path, place: "llama.rope.dimension_count", found: "\(rotated)", supported: "the whole head, \(headWidth)")
    }
    let configuration = TransformerConfiguration(
      vocabularySize: embedding.shape[0], width: width, layers: try size("llama.block_count"), heads: heads,
      keyValueHeads: try optionalSize("llama.attention.head_count_kv") ?? heads, headWidth: headWidth,
      feedForwardWidth: try size("llama.feed_forward_length"),
      ropeTheta: Float(metadata["llama.rope.freq_base"]?.doubleValue ?? 10_000),
      normEpsilon: Float(metadata["llama.attention.layer_norm_rms_epsilon"]?.doubleValue ?? 1e-5),
      contextLength: try size("llama.context_length"), tiedEmbeddings: tensors["output.weight"] == nil)
    if let problem = configuration.problem { throw .malformed(path: file.path, place: "metadata", problem: problem) }
    return configuration
  }

  private func checkPlainRotary() throws(ModelFileError) {
    let scaling = metadata["llama.rope.scaling.type"]?.stringValue ?? "none"
    guard scaling == "none" else {
      throw .unsupported(path: file.path, place: "llama.rope.scaling.type", found: scaling, supported: "none")
    }
  }

  private func size(_ key: String) throws(ModelFileError) -> Int {
    guard let value = try optionalSize(key) else {
      throw .malformed(path: file.path, place: "metadata \(key)", problem: "missing")
    }
    return value
  }

  private func optionalSize(_ key: String) throws(ModelFileError) -> Int? {
    guard let value = metadata[key] else { return nil }
    guard let size = value.intValue else {
      throw .malformed(path: file.path, place: "metadata \(key)", problem: "\(value) is not an integer")
    }
    return size
  }
}
