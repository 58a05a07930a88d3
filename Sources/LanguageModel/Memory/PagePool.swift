/// Hands out the pages of key-value caches and takes them back.
///
/// Pages come from large blocks of memory and are used again without being cleared: positions beyond a sequence's end
/// are never read as values, their scores are replaced before use, and the padding of values is never written.
final class PagePool {
  private let pageFloats: Int
  private let pagesPerBlock: Int
  private var blocks: [FloatBuffer] = []
  private var free: [UnsafeMutablePointer<Float>] = []

  /// Bytes of a block, unless a page is larger.
  private static let blockBytes = 32 << 20

  init(pageFloats: Int) {
    self.pageFloats = pageFloats
    pagesPerBlock = max(1, Self.blockBytes / (4 * max(1, pageFloats)))
  }

  /// A page with any contents.
  func page() -> Page {
    if free.isEmpty {
      let block = FloatBuffer(count: pagesPerBlock * pageFloats)
      blocks.append(block)
      free = (0..<pagesPerBlock).reversed().map { block.base + $0 * pageFloats }
    }
    return Page(base: free.removeLast(), pool: self)
  }

  func copy(_ page: Page) -> Page {
    let copy = self.page()
    copy.base.update(from: page.base, count: pageFloats)
    return copy
  }

  fileprivate func takeBack(_ base: UnsafeMutablePointer<Float>) { free.append(base) }
}

/// Keys and values of 32 positions in all layers; goes back to its pool with the last cache that holds it.
final class Page {
  let base: UnsafeMutablePointer<Float>
  private let pool: PagePool

  fileprivate init(base: UnsafeMutablePointer<Float>, pool: PagePool) {
    self.base = base
    self.pool = pool
  }

  deinit { pool.takeBack(base) }
}
