import CKernels

/// Working memory of a forward pass, used again by the next.
final class ForwardScratch {
  let stream = ScratchBuffer()
  let normalized = ScratchBuffer()
  let qkv = ScratchBuffer()
  let attended = ScratchBuffer()
  let gateUp = ScratchBuffer()
  let activated = ScratchBuffer()
  let attention = ScratchBuffer()
}

// Sizes: T tokens of all segments together, D model width, V vocabulary.
extension Transformer {
  /// Runs new tokens of many sequences at once and extends their caches.
  ///
  /// Prompt chunks and single tokens mix freely; how tokens are split over segments and calls changes no bit of the
  /// result. Rows of the logits come in the order of the segments and their tokens. Throws before anything is changed.
  public func forward(_ segments: [ForwardSegment]) throws(TransformerError) -> Logits {
    try check(segments)
    let tokens = segments.flatMap(\.tokens)
    var positions: [Int32] = []
    positions.reserveCapacity(tokens.count)
    for segment in segments {
      let first = segment.cache.length
      segment.cache.prepare(adding: segment.tokens.count)
      positions.append(contentsOf: (first..<first + segment.tokens.count).map(Int32.init))
    }
    guard !tokens.isEmpty else { return Logits(storage: LogitsStorage(count: 0), rows: 0, self) }
    rotary.extend(to: Int(positions.max() ?? 0) + 1)
    let pages = segments.map { segment in
      segment.cache.pages.map { Optional($0.base) }
    }
    let stream = runBlocks(tokens: tokens, positions: positions, segments: segments, pages: pages)
    for segment in segments { segment.cache.advance(by: segment.tokens.count) }
    return computeLogits(segments, stream: stream)
  }

  private func check(_ segments: [ForwardSegment]) throws(TransformerError) {
    var seen = Set<ObjectIdentifier>()
    for (index, segment) in segments.enumerated() {
      guard segment.cache.layout == cacheLayout else { throw .foreignCache(sequence: index) }
      guard seen.insert(ObjectIdentifier(segment.cache)).inserted else { throw .cacheUsedTwice(sequence: index) }
      try checkTokens(segment.tokens, sequence: index, firstPosition: segment.cache.length)
    }
  }

  func checkTokens(_ tokens: [Int32], sequence: Int, firstPosition: Int = 0) throws(TransformerError) {
    let length = firstPosition + tokens.count
    guard length <= configuration.contextLength else {
      throw .contextExceeded(length: length, contextLength: configuration.contextLength, sequence: sequence)
    }
    let limit = Int32(configuration.vocabularySize)
    if let index = tokens.firstIndex(where: { $0 < 0 || $0 >= limit }) {
      throw .tokenOutOfRange(
        token: tokens[index], vocabularySize: configuration.vocabularySize, sequence: sequence,
        position: firstPosition + index)
    }
  }

  /// All blocks; returns the residual stream (T, D).
  private func runBlocks(
    tokens: [Int32], positions: [Int32], segments: [ForwardSegment], pages: [[UnsafeMutablePointer<Float>?]]
  ) -> UnsafeMutablePointer<Float> {
    let count = tokens.count
    let stream = scratch.stream.floats(count * configuration.width)
    ck_gather_rows(
      threads.pool, stream, parameters.pointer(TensorName.embedding), tokens, count, configuration.width)
    let qkv = scratch.qkv.floats(count * configuration.qkvWidth)
    let attended = scratch.attended.floats(count * configuration.queryWidth)
    withPagePointers(pages) { pagePointers in
      let plan = AttentionPlan(
        segments: segments, pages: pagePointers, qkv: qkv, attended: attended, configuration: configuration)
      for index in layers.indices {
        attend(layer: index, stream: stream, qkv: qkv, attended: attended, positions: positions, plan: plan)
        feedForward(layers[index], stream: stream, count: count)
      }
    }
    return stream
  }

  private func attend(
    layer index: Int, stream: UnsafeMutablePointer<Float>, qkv: UnsafeMutablePointer<Float>,
    attended: UnsafeMutablePointer<Float>, positions: [Int32], plan: AttentionPlan
  ) {
    let layer = layers[index]
    let count = positions.count
    let normalized = normalize(stream, layer.attentionNorm, rows: count, into: scratch.normalized)
    layer.qkv.multiply(normalized, into: qkv, rows: count, threads: threads)
    rotate(qkv, positions: positions, direction: 1)
    var shape = cacheLayout.shape(layer: index)
    ck_cache_write(threads.pool, &shape, plan.writes, plan.writes.count)
    let attention = scratch.attention.floats(ck_attention_scratch(threads.pool, &shape, plan.context))
    ck_attention(threads.pool, &shape, plan.reads, plan.reads.count, attention)
    layer.attentionOutput.multiply(attended, into: stream, rows: count, addingTo: stream, threads: threads)
  }

  private func feedForward(_ layer: LayerWeights, stream: UnsafeMutablePointer<Float>, count: Int) {
    let normalized = normalize(stream, layer.feedForwardNorm, rows: count, into: scratch.normalized)
    let gateUp = scratch.gateUp.floats(count * 2 * configuration.feedForwardWidth)
    let activated = scratch.activated.floats(count * configuration.feedForwardWidth)
    layer.gateUp.multiply(normalized, into: gateUp, rows: count, threads: threads)
    ck_swiglu(threads.pool, activated, gateUp, count, configuration.feedForwardWidth)
    layer.down.multiply(activated, into: stream, rows: count, addingTo: stream, threads: threads)
  }

  /// RMSNorm of `rows` rows of width D into a scratch buffer.
  func normalize(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, rows: Int, into buffer: ScratchBuffer
  ) -> UnsafeMutablePointer<Float> {
    let y = buffer.floats(rows * configuration.width)
    ck_rms_norm(threads.pool, y, x, weight, rows, configuration.width, configuration.normEpsilon)
    return y
  }

  /// Rotates queries and keys, which lie side by side; `direction` -1 takes gradients back.
  func rotate(_ qkv: UnsafeMutablePointer<Float>, positions: [Int32], direction: Float) {
    ck_rope(
      threads.pool, qkv, configuration.qkvWidth, positions, positions.count,
      configuration.heads + configuration.keyValueHeads, configuration.headWidth, rotary.cosines.base,
      rotary.sines.base, direction)
  }

  /// Final norm and output layer for the rows whose logits are wanted.
  private func computeLogits(_ segments: [ForwardSegment], stream: UnsafeMutablePointer<Float>) -> Logits {
    var rows: [Int32] = []
    var first = 0
    for segment in segments {
      let end = first + segment.tokens.count
      rows.append(contentsOf: (end - segment.logitCount..<end).map(Int32.init))
      first = end
    }
    let count = rows.count * configuration.vocabularySize
    if !isKnownUniquelyReferenced(&logitsStorage) || logitsStorage.floats.count < count {
      logitsStorage = LogitsStorage(count: count)
    }
    let gathered = scratch.attended.floats(rows.count * configuration.width)
    ck_gather_rows(threads.pool, gathered, stream, rows, rows.count, configuration.width)
    let normalized = normalize(
      gathered, parameters.pointer(TensorName.finalNorm), rows: rows.count, into: scratch.normalized)
    output.multiply(normalized, into: logitsStorage.floats.base, rows: rows.count, threads: threads)
    return Logits(storage: logitsStorage, rows: rows.count, self)
  }
}
