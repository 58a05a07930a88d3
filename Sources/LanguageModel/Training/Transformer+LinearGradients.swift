import CKernels

// Gradients of the linear layers and norms. Operands are packed for each product: the cost is one pass over the matrix,
// against one for each of hundreds of rows in the product itself.
extension Transformer {
  /// Several layers y_i = x W_iᵀ with a common x (rows, D); their dy lie side by side in rows of `stride` floats.
  func backwardLinear(
    _ tensors: [(name: String, outputs: Int)], dy: UnsafePointer<Float>, stride: Int, x: UnsafePointer<Float>,
    dx: UnsafeMutablePointer<Float>, rows: Int, into buffer: ParameterBuffer
  ) {
    let inputs = configuration.width
    let packed = training.packed.floats(ck_packed_count(inputs, rows))
    ck_pack(threads.pool, packed, 0, x, 1, inputs, inputs, rows)
    var first = 0
    for (name, outputs) in tensors {
      let dweights = buffer.pointer(name)
      ck_product(
        threads.pool, dweights, inputs, dy + first, 1, stride, outputs, packed, inputs, rows, dweights)
      backwardInput(
        name, dy: dy + first, stride: stride, outputs: outputs, dx: dx, inputs: inputs, rows: rows,
        accumulating: first > 0)
      first += outputs
    }
  }

  /// dW (outputs, inputs) += dyᵀ x.
  func accumulateWeights(
    _ dweights: UnsafeMutablePointer<Float>, outputs: Int, dy: UnsafePointer<Float>, stride: Int,
    x: UnsafePointer<Float>, inputs: Int, rows: Int
  ) {
    let packed = training.packed.floats(ck_packed_count(inputs, rows))
    ck_pack(threads.pool, packed, 0, x, 1, inputs, inputs, rows)
    ck_product(threads.pool, dweights, inputs, dy, 1, stride, outputs, packed, inputs, rows, dweights)
  }

  /// dx (rows, inputs) = or += dy W.
  func backwardInput(
    _ name: String, dy: UnsafePointer<Float>, stride: Int, outputs: Int, dx: UnsafeMutablePointer<Float>, inputs: Int,
    rows: Int, accumulating: Bool = false
  ) {
    let weights = packWeights(parameters.pointer(name), inputs: inputs, outputs: outputs)
    ck_product(
      threads.pool, dx, inputs, dy, stride, 1, rows, weights, inputs, outputs, accumulating ? UnsafePointer(dx) : nil)
  }

  /// W (outputs, inputs) as the right-hand side of dy W. Valid until the next call.
  func packWeights(_ weights: UnsafePointer<Float>, inputs: Int, outputs: Int) -> UnsafeMutablePointer<Float> {
    let packed = training.packedWeights.floats(ck_packed_count(inputs, outputs))
    ck_pack(threads.pool, packed, 0, weights, 1, inputs, inputs, outputs)
    return packed
  }

  /// Adds the gradient of y = norm(x) at x to dx, and at the norm's weight to the buffer.
  func backwardNorm(
    _ name: String, dx: UnsafeMutablePointer<Float>, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, rows: Int,
    into buffer: ParameterBuffer
  ) {
    ck_rms_norm_backward(
      threads.pool, dx, buffer.pointer(name), dy, x, parameters.pointer(name), training.inverse.floats(rows), rows,
      configuration.width, configuration.normEpsilon)
  }
}
