import CKernels

// Sizes: T rows of the packed batch, S scored tokens, D model width, V vocabulary.
extension Transformer {
  /// Scores a batch and keeps what `accumulateGradients` needs.
  public func scoreForTraining(_ batch: TrainingBatch) throws(TransformerError) -> TokenScores {
    try score(batch, keepingActivations: true)
  }

  /// Scores a batch without keeping anything: for a reference model, or for evaluation.
  public func score(_ batch: TrainingBatch) throws(TransformerError) -> TokenScores {
    try score(batch, keepingActivations: false)
  }

  private func score(_ batch: TrainingBatch, keepingActivations: Bool) throws(TransformerError) -> TokenScores {
    try check(batch)
    training.scored = nil
    let rows = PackedRows(batch)
    rotary.extend(to: max(rows.context, 1))
    let needed = keepingActivations ? configuration.layers : 1
    while training.layers.count < needed { training.layers.append(LayerActivations()) }
    if !rows.tokens.isEmpty { runBlocks(rows, keepingActivations: keepingActivations) }
    let scores = scoreFinalRows(rows, temperature: batch.temperature)
    let scored = ScoredBatch(
      rows: rows, temperature: batch.temperature, scores: scores, counts: batch.sequences.map(\.scored.count))
    if keepingActivations { training.scored = scored }
    return TokenScores(
      logprobs: scored.split(scores.map(\.log_probability)), entropies: scored.split(scores.map(\.entropy)))
  }

  private func check(_ batch: TrainingBatch) throws(TransformerError) {
    guard batch.temperature.isFinite, batch.temperature > 0 else { throw .invalidTemperature(batch.temperature) }
    for (index, sequence) in batch.sequences.enumerated() {
      try checkTokens(sequence.tokens, sequence: index)
      var previous = 0
      for position in sequence.scored {
        guard position > previous, position < sequence.tokens.count else {
          throw .invalidScoredPosition(position: position, sequence: index, tokens: sequence.tokens.count)
        }
        previous = position
      }
    }
  }

  private func runBlocks(_ rows: PackedRows, keepingActivations: Bool) {
    let count = rows.tokens.count
    let floats = count * configuration.width
    var input = training.layers[0].input.floats(floats)
    ck_gather_rows(
      threads.pool, input, parameters.pointer(TensorName.embedding), rows.tokens, count, configuration.width)
    withSequences(rows) { sequences, pages in
      for index in layers.indices {
        let memory = training.layers[keepingActivations ? index : 0]
        let middle = memory.middle.floats(floats)
        attend(layers[index], rows, memory, sequences: sequences, pages: pages, input: input, middle: middle)
        let last = index + 1 == layers.count
        let next: UnsafeMutablePointer<Float>
        if last {
          next = training.stream.floats(floats)
        } else {
          next = keepingActivations ? training.layers[index + 1].input.floats(floats) : input
        }
        feedForward(layers[index], memory, rows: count, middle: middle, into: next)
        input = next
      }
    }
  }

  private func attend(
    _ layer: LayerWeights, _ rows: PackedRows, _ memory: LayerActivations, sequences: [ck_attention_sequence],
    pages: [PagePointers?], input: UnsafeMutablePointer<Float>, middle: UnsafeMutablePointer<Float>
  ) {
    let count = rows.tokens.count
    let qkv = memory.qkv.floats(count * configuration.qkvWidth)
    let attended = memory.attended.floats(count * configuration.queryWidth)
    let normalized = normalize(input, layer.attentionNorm, rows: count, into: training.normalized)
    layer.qkv.multiply(normalized, into: qkv, rows: count, threads: threads)
    rotate(qkv, positions: rows.positions, direction: 1)
    var shape = trainingLayout.shape(layer: 0)
    ck_attention_fill(threads.pool, &shape, qkv, configuration.qkvWidth, sequences, pages, sequences.count)
    let segments = zip(rows.sequences, pages).compactMap { sequence, pages -> ck_attention_segment? in
      guard sequence.firstOwn < sequence.rows.count else { return nil }
      let first = Int(sequence.rows[sequence.firstOwn])
      return ck_attention_segment(
        query: qkv + first * configuration.qkvWidth, output: attended + first * configuration.queryWidth,
        pages: pages, query_stride: configuration.qkvWidth, output_stride: configuration.queryWidth,
        first_position: sequence.firstOwn, tokens: sequence.rows.count - sequence.firstOwn)
    }
    let scratch = training.attention.floats(ck_attention_scratch(threads.pool, &shape, rows.context))
    ck_attention(threads.pool, &shape, segments, segments.count, scratch)
    layer.attentionOutput.multiply(attended, into: middle, rows: count, addingTo: input, threads: threads)
  }

  private func feedForward(
    _ layer: LayerWeights, _ memory: LayerActivations, rows count: Int, middle: UnsafeMutablePointer<Float>,
    into next: UnsafeMutablePointer<Float>
  ) {
    let gateUp = memory.gateUp.floats(count * 2 * configuration.feedForwardWidth)
    let activated = training.activated.floats(count * configuration.feedForwardWidth)
    let normalized = normalize(middle, layer.feedForwardNorm, rows: count, into: training.normalized)
    layer.gateUp.multiply(normalized, into: gateUp, rows: count, threads: threads)
    ck_swiglu(threads.pool, activated, gateUp, count, configuration.feedForwardWidth)
    layer.down.multiply(activated, into: next, rows: count, addingTo: middle, threads: threads)
  }

  private func scoreFinalRows(_ rows: PackedRows, temperature: Float) -> [ck_score] {
    let count = rows.scoredRows.count
    var scores = [ck_score](repeating: ck_score(), count: count)
    guard count > 0 else { return scores }
    let final = training.finalRows.floats(count * configuration.width)
    ck_gather_rows(
      threads.pool, final, training.stream.floats(rows.tokens.count * configuration.width), rows.scoredRows, count,
      configuration.width)
    let normalized = normalize(
      final, parameters.pointer(TensorName.finalNorm), rows: count, into: training.finalNormalized)
    forEachLogitChunk(normalized, count: count) { logits, range in
      rows.scoredTokens.withUnsafeBufferPointer { tokens in
        scores.withUnsafeMutableBufferPointer { scores in
          guard let tokens = tokens.baseAddress, let scores = scores.baseAddress else { return }
          ck_score_rows(
            threads.pool, scores + range.lowerBound, logits, range.count, configuration.vocabularySize,
            tokens + range.lowerBound, temperature)
        }
      }
    }
    return scores
  }

  /// Logits of normalised rows (count, D), a chunk of rows at a time.
  func forEachLogitChunk(
    _ normalized: UnsafePointer<Float>, count: Int, _ body: (UnsafeMutablePointer<Float>, Range<Int>) -> Void
  ) {
    let step = TrainingMemory.logitRows
    let logits = training.logits.floats(min(step, count) * configuration.vocabularySize)
    for first in stride(from: 0, to: count, by: step) {
      let range = first..<min(first + step, count)
      output.multiply(normalized + first * configuration.width, into: logits, rows: range.count, threads: threads)
      body(logits, range)
    }
  }

  /// Pages of one layer's keys and values in training.
  var trainingLayout: PageLayout { PageLayout(configuration, layers: 1) }

  /// Describes the sequences to the attention kernels, with pages for one layer and room for gradients.
  func withSequences(_ rows: PackedRows, _ body: ([ck_attention_sequence], [PagePointers?]) -> Void) {
    let layout = trainingLayout
    let pageCounts = rows.sequences.map { ($0.rows.count + KeyValueCache.pageLength - 1) / KeyValueCache.pageLength }
    let pageBase = training.pages.floats(pageCounts.reduce(0, +) * layout.pageFloats)
    var page = 0
    let pages = pageCounts.map { count -> [UnsafeMutablePointer<Float>?] in
      defer { page += count }
      return (page..<page + count).map { pageBase + $0 * layout.pageFloats }
    }
    let gradientFloats = rows.sequences.map { 2 * layout.keyValueHeads * $0.rows.count * layout.valueWidth }
    let gradientBase = training.keyValueGradients.floats(gradientFloats.reduce(0, +))
    rows.sequences.flatMap(\.rows).withUnsafeBufferPointer { flat in
      var (row, gradient) = (0, 0)
      let sequences = zip(rows.sequences, gradientFloats).map { sequence, floats in
        defer { (row, gradient) = (row + sequence.rows.count, gradient + floats) }
        return ck_attention_sequence(
          rows: flat.baseAddress.map { $0 + row }, first_own: sequence.firstOwn, length: sequence.rows.count,
          key_value_gradients: gradientBase + gradient)
      }
      withPagePointers(pages) { body(sequences, $0) }
    }
  }
}

extension ScoredBatch {
  /// Cuts a flat list over scored tokens into one list for each sequence.
  func split(_ values: [Float]) -> [[Float]] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      return Array(values[first..<first + count])
    }
  }
}
