import CKernels

typealias PagePointers = UnsafePointer<UnsafeMutablePointer<Float>?>

/// What attention reads and writes in a forward pass, the same for every layer.
struct AttentionPlan {
  var writes: [ck_cache_rows] = []
  var reads: [ck_attention_segment] = []
  /// Longest sequence at the end of the pass.
  var context = 0

  init(
    segments: [ForwardSegment], pages: [PagePointers?], qkv: UnsafeMutablePointer<Float>,
    attended: UnsafeMutablePointer<Float>, configuration: TransformerConfiguration
  ) {
    var row = 0
    for (segment, pages) in zip(segments, pages) where !segment.tokens.isEmpty {
      let query = qkv + row * configuration.qkvWidth
      let key = query + configuration.queryWidth
      let (first, count) = (segment.cache.length, segment.tokens.count)
      writes.append(
        ck_cache_rows(
          key: key, value: key + configuration.keyValueWidth, pages: pages, stride: configuration.qkvWidth,
          first_position: first, tokens: count))
      reads.append(
        ck_attention_segment(
          query: query, output: attended + row * configuration.queryWidth, pages: pages,
          query_stride: configuration.qkvWidth, output_stride: configuration.queryWidth, first_position: first,
          tokens: count))
      row += count
      context = max(context, first + count)
    }
  }
}

/// Gives each list of pages a stable address for the duration of `body`.
func withPagePointers<R>(_ pages: [[UnsafeMutablePointer<Float>?]], _ body: ([PagePointers?]) -> R) -> R {
  let flat = pages.flatMap { $0 }
  return flat.withUnsafeBufferPointer { buffer in
    var offset = 0
    let pointers = pages.map { list in
      defer { offset += list.count }
      return buffer.baseAddress.map { $0 + offset }
    }
    return body(pointers)
  }
}
