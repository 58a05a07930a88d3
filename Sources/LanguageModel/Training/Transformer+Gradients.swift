import CKernels

// Sizes: T rows of the packed batch, S scored tokens, D model width, Q query width, F feed-forward width, V vocabulary.
// For y = x Wᵀ: dx = dy W, and dW += dyᵀ x, summed over rows in their order.
extension Transformer {
  /// Adds the gradient of a loss at every parameter, given its gradient at the scores of the last scored batch.
  ///
  /// Traps if no batch was scored for training since the weights last changed, or if the arrangement differs.
  /// Deterministic: the same bits whatever the number of threads.
  public func accumulateGradients(_ gradients: TokenGradients, into buffer: ParameterBuffer) {
    guard let scored = training.scored else {
      preconditionFailure("no batch was scored for training with the present weights")
    }
    precondition(buffer.tensors == parameters.tensors, "the gradient buffer holds other tensors than the model")
    precondition(gradients.logprobs.map(\.count) == scored.counts, "gradients are not arranged like the scores")
    precondition(
      gradients.entropies.map { $0.map(\.count) == scored.counts } ?? true,
      "entropy gradients are not arranged like the scores")
    guard !scored.rows.scoredRows.isEmpty else { return }
    let count = scored.rows.tokens.count
    let stream = training.stream.floats(count * configuration.width)
    backwardOutput(scored, gradients, stream: stream, into: buffer)
    withSequences(scored.rows) { sequences, _ in
      for index in layers.indices.reversed() {
        backwardFeedForward(index, rows: count, stream: stream, into: buffer)
        backwardAttention(index, scored.rows, sequences: sequences, stream: stream, into: buffer)
      }
    }
    ck_scatter_add_rows(
      threads.pool, buffer.pointer(TensorName.embedding), stream, scored.rows.tokens, count, configuration.width)
  }

  /// Output layer and final norm; leaves the gradient at the last block's output in `stream`.
  private func backwardOutput(
    _ scored: ScoredBatch, _ gradients: TokenGradients, stream: UnsafeMutablePointer<Float>,
    into buffer: ParameterBuffer
  ) {
    let (rows, width, vocabulary) = (scored.rows, configuration.width, configuration.vocabularySize)
    let count = rows.scoredRows.count
    let dlogprobs = gradients.logprobs.flatMap { $0 }
    let dentropies = gradients.entropies?.flatMap { $0 } ?? [Float](repeating: 0, count: count)
    let normalized = UnsafePointer(training.finalNormalized.floats(count * width))
    let weights = packWeights(outputWeights(of: parameters), inputs: width, outputs: vocabulary)
    let dnormalized = training.dnormalized.floats(count * width)
    forEachLogitChunk(normalized, count: count) { logits, range in
      let first = range.lowerBound
      scoreBackward(scored, logits, range, dlogprobs, dentropies)
      accumulateWeights(
        outputWeights(of: buffer), outputs: vocabulary, dy: logits, stride: vocabulary, x: normalized + first * width,
        inputs: width, rows: range.count)
      ck_product(
        threads.pool, dnormalized + first * width, width, logits, vocabulary, 1, range.count, weights, width,
        vocabulary, nil)
    }
    let dscored = training.dscored.floats(count * width)
    dscored.update(repeating: 0, count: count * width)
    backwardNorm(
      TensorName.finalNorm, dx: dscored, dy: dnormalized, x: training.finalRows.floats(count * width), rows: count,
      into: buffer)
    stream.update(repeating: 0, count: rows.tokens.count * width)
    ck_scatter_add_rows(threads.pool, stream, dscored, rows.scoredRows, count, width)
  }

  private func scoreBackward(
    _ scored: ScoredBatch, _ logits: UnsafeMutablePointer<Float>, _ range: Range<Int>, _ dlogprobs: [Float],
    _ dentropies: [Float]
  ) {
    // Slices start at their own base address, so the kernel sees the chunk's rows from 0.
    Array(scored.scores[range]).withUnsafeBufferPointer { scores in
      ck_score_rows_backward(
        threads.pool, logits, scores.baseAddress, range.count, configuration.vocabularySize,
        Array(scored.rows.scoredTokens[range]), scored.temperature, Array(dlogprobs[range]), Array(dentropies[range]))
    }
  }

  /// y = middle + down(silu(gate(n)) · up(n)), n the norm of middle; `stream` is dy on entry, dmiddle on return.
  private func backwardFeedForward(
    _ index: Int, rows: Int, stream: UnsafeMutablePointer<Float>, into buffer: ParameterBuffer
  ) {
    let (width, inner) = (configuration.width, configuration.feedForwardWidth)
    let memory = training.layers[index]
    let gateUp = memory.gateUp.floats(rows * 2 * inner)
    let middle = memory.middle.floats(rows * width)
    let activated = training.activated.floats(rows * inner)
    ck_swiglu(threads.pool, activated, gateUp, rows, inner)
    accumulateWeights(
      buffer.pointer(TensorName.down(index)), outputs: width, dy: stream, stride: width, x: activated, inputs: inner,
      rows: rows)
    let dactivated = training.dactivated.floats(rows * inner)
    backwardInput(
      TensorName.down(index), dy: stream, stride: width, outputs: width, dx: dactivated, inputs: inner, rows: rows)
    let dgateUp = training.dgateUp.floats(rows * 2 * inner)
    ck_swiglu_backward(threads.pool, dgateUp, dactivated, gateUp, rows, inner)

    let normalized = normalize(middle, layers[index].feedForwardNorm, rows: rows, into: training.normalized)
    let dnormalized = training.dnormalized.floats(rows * width)
    backwardLinear(
      [(TensorName.gate(index), inner), (TensorName.up(index), inner)], dy: dgateUp, stride: 2 * inner, x: normalized,
      dx: dnormalized, rows: rows, into: buffer)
    backwardNorm(
      TensorName.feedForwardNorm(index), dx: stream, dy: dnormalized, x: middle, rows: rows, into: buffer)
  }

  /// middle = input + o(attention(qkv(n))), n the norm of input; `stream` is dmiddle on entry, dinput on return.
  private func backwardAttention(
    _ index: Int, _ packed: PackedRows, sequences: [ck_attention_sequence], stream: UnsafeMutablePointer<Float>,
    into buffer: ParameterBuffer
  ) {
    let rows = packed.tokens.count
    let (width, queryWidth, qkvWidth) = (configuration.width, configuration.queryWidth, configuration.qkvWidth)
    let memory = training.layers[index]
    let input = memory.input.floats(rows * width)
    accumulateWeights(
      buffer.pointer(TensorName.attentionOutput(index)), outputs: width, dy: stream, stride: width,
      x: memory.attended.floats(rows * queryWidth), inputs: queryWidth, rows: rows)
    let dattended = training.dattended.floats(rows * queryWidth)
    backwardInput(
      TensorName.attentionOutput(index), dy: stream, stride: width, outputs: width, dx: dattended, inputs: queryWidth,
      rows: rows)
    let dqkv = training.dqkv.floats(rows * qkvWidth)
    var shape = trainingLayout.shape(layer: 0)
    let scratch = training.attention.floats(ck_attention_backward_scratch(threads.pool, &shape, packed.context))
    ck_attention_backward(
      threads.pool, &shape, dqkv, memory.qkv.floats(rows * qkvWidth), qkvWidth, rows, dattended, queryWidth, sequences,
      sequences.count, scratch)
    rotate(dqkv, positions: packed.positions, direction: -1)

    let normalized = normalize(input, layers[index].attentionNorm, rows: rows, into: training.normalized)
    let dnormalized = training.dnormalized.floats(rows * width)
    backwardLinear(
      [
        (TensorName.query(index), queryWidth), (TensorName.key(index), configuration.keyValueWidth),
        (TensorName.value(index), configuration.keyValueWidth),
      ], dy: dqkv, stride: qkvWidth, x: normalized, dx: dnormalized, rows: rows, into: buffer)
    backwardNorm(TensorName.attentionNorm(index), dx: stream, dy: dnormalized, x: input, rows: rows, into: buffer)
  }
}
