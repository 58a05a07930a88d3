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

  init(_ configuration: TransformerConfiguration, layer: Int, parameters: ParameterBuffer) {
    attentionNorm = parameters.pointer(TensorName.attentionNorm(layer))
    feedForwardNorm = parameters.pointer(TensorName.feedForwardNorm(layer))
    qkv = PackedMatrix(columns: configuration.qkvWidth, depth: configuration.width)
    attentionOutput = PackedMatrix(columns: configuration.width, depth: configuration.queryWidth)
    gateUp = PackedMatrix(columns: 2 * configuration.feedForwardWidth, depth: configuration.width)
    down = PackedMatrix(columns: configuration.width, depth: configuration.feedForwardWidth)
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
