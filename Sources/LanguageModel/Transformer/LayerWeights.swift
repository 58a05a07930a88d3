/// One block's weights: packed matrices for the products, pointers into the parameters for the rest.
struct LayerWeights {
  let attentionNorm: UnsafeMutablePointer<Float>
  let feedForwardNorm: UnsafeMutablePointer<Float>
  /// Queries, keys and values side by side.
  let qkv: PackedMatrix
  let attentionOutput: PackedMatrix
  /// Gate and up side by side.
  let gateUp: PackedMatrix
  let down: PackedMatrix

  init(
    _ configuration: TransformerConfiguration, layer: Int, parameters: ParameterBuffer, packed buffer: FloatBuffer,
    at offset: inout Int
  ) {
    attentionNorm = parameters.pointer(TensorName.attentionNorm(layer))
    feedForwardNorm = parameters.pointer(TensorName.feedForwardNorm(layer))
    let width = configuration.width
    qkv = PackedMatrix(columns: configuration.qkvWidth, depth: width, in: buffer, at: &offset)
    attentionOutput = PackedMatrix(columns: width, depth: configuration.queryWidth, in: buffer, at: &offset)
    gateUp = PackedMatrix(columns: 2 * configuration.feedForwardWidth, depth: width, in: buffer, at: &offset)
    down = PackedMatrix(columns: width, depth: configuration.feedForwardWidth, in: buffer, at: &offset)
  }

  /// Floats of one block's packed matrices.
  static func packedCount(_ configuration: TransformerConfiguration) -> Int {
    let width = configuration.width
    return [
      (configuration.qkvWidth, width), (width, configuration.queryWidth), (2 * configuration.feedForwardWidth, width),
      (width, configuration.feedForwardWidth),
    ].reduce(0) { $0 + PackedMatrix.floatCount(columns: $1.0, depth: $1.1) }
  }

  func pack(
    _ configuration: TransformerConfiguration, layer: Int, parameters: ParameterBuffer, threads: ComputeThreads
  ) {
    qkv.pack(
      [
        (parameters.pointer(TensorName.query(layer)), configuration.queryWidth),
        (parameters.pointer(TensorName.key(layer)), configuration.keyValueWidth),
        (parameters.pointer(TensorName.value(layer)), configuration.keyValueWidth),
      ], threads: threads)
    attentionOutput.pack(
      [(parameters.pointer(TensorName.attentionOutput(layer)), configuration.width)], threads: threads)
    gateUp.pack(
      [
        (parameters.pointer(TensorName.gate(layer)), configuration.feedForwardWidth),
        (parameters.pointer(TensorName.up(layer)), configuration.feedForwardWidth),
      ], threads: threads)
    down.pack([(parameters.pointer(TensorName.down(layer)), configuration.width)], threads: threads)
  }
}
