import CKernels

/// Keys and values of one sequence's positions, in pages of 32 positions.
///
/// A fork shares all pages; whoever first writes to a shared page copies it. Belongs to the model that made it, and to
/// the weights it was filled with: after an update of the weights, start anew.
public final class KeyValueCache {
  /// Positions of a page.
  public static let pageLength = 32

  /// Positions filled.
  public private(set) var length = 0
  let layout: PageLayout
  private let pool: PagePool
  private(set) var pages: [Page] = []

  init(layout: PageLayout, pool: PagePool) {
    self.layout = layout
    self.pool = pool
  }

  private init(copying other: KeyValueCache) {
    length = other.length
    layout = other.layout
    pool = other.pool
    pages = other.pages
  }

  /// A second sequence with the same past. Costs no copy until one of the two writes to the last, partly filled page.
  public func fork() -> KeyValueCache { KeyValueCache(copying: self) }

  /// Forgets the positions from `newLength` on.
  public func truncate(to newLength: Int) {
    precondition(newLength >= 0 && newLength <= length, "cannot truncate \(length) positions to \(newLength)")
    length = newLength
    pages.removeLast(pages.count - (newLength + Self.pageLength - 1) / Self.pageLength)
  }

  /// Bytes of the pages, shared ones included.
  public var byteCount: Int { pages.count * layout.pageFloats * MemoryLayout<Float>.stride }

  /// Makes room for `count` more positions that this cache alone will write.
  func prepare(adding count: Int) {
    if length % Self.pageLength != 0, count > 0 {
      let last = pages.count - 1
      if !isKnownUniquelyReferenced(&pages[last]) { pages[last] = pool.copy(pages[last]) }
    }
    let needed = (length + count + Self.pageLength - 1) / Self.pageLength
    while pages.count < needed { pages.append(pool.page()) }
  }

  func advance(by count: Int) { length += count }
}

/// Where a layer's keys and values lie in a page: keys of each head as [headWidth][32], values as [32][valueWidth].
struct PageLayout: Equatable {
  let heads: Int
  let keyValueHeads: Int
  let headWidth: Int
  let layers: Int

  init(_ configuration: TransformerConfiguration, layers: Int) {
    heads = configuration.heads
    keyValueHeads = configuration.keyValueHeads
    headWidth = configuration.headWidth
    self.layers = layers
  }

  /// Head width rounded up to whole panels; the rest is zero.
  var valueWidth: Int { (headWidth + 31) & ~31 }
  private var keyFloats: Int { keyValueHeads * headWidth * KeyValueCache.pageLength }
  private var layerFloats: Int { keyFloats + keyValueHeads * valueWidth * KeyValueCache.pageLength }
  var pageFloats: Int { layers * layerFloats }

  func shape(layer: Int) -> ck_attention_shape {
    ck_attention_shape(
      heads: heads, kv_heads: keyValueHeads, head_width: headWidth, value_width: valueWidth,
      key_offset: layer * layerFloats, value_offset: layer * layerFloats + keyFloats,
      scale: Float(1 / Double(headWidth).squareRoot()))
  }
}
