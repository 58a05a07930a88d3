import CKernels

/// The weights of a linear layer in the product kernel's layout: panels of 32 output columns, each [input][32].
///
/// Several matrices with the same input can stand side by side, so that one product computes them all.
final class PackedMatrix {
  /// Output columns and input rows.
  let columns: Int
  let depth: Int
  private let buffer: FloatBuffer
  private let base: UnsafeMutablePointer<Float>

  /// Takes the next floats of a buffer that holds all matrices of a model; advances `offset`.
  init(columns: Int, depth: Int, in buffer: FloatBuffer, at offset: inout Int) {
    self.columns = columns
    self.depth = depth
    self.buffer = buffer
    base = buffer.base + offset
    offset += Self.floatCount(columns: columns, depth: depth)
    precondition(offset <= buffer.count, "\(offset) floats of packed matrices in a buffer of \(buffer.count)")
  }

  static func floatCount(columns: Int, depth: Int) -> Int { ck_packed_count(columns, depth) }

  /// Packs matrices (n, depth), row major, one after the other.
  func pack(_ matrices: [(base: UnsafeMutablePointer<Float>, columns: Int)], threads: ComputeThreads) {
    var first = 0
    for (source, columns) in matrices {
      ck_pack(threads.pool, base, first, source, depth, 1, columns, depth)
      first += columns
    }
    precondition(first == columns, "packed \(first) columns of \(columns)")
  }

  /// y (rows, columns) = start + x (rows, depth) · Wᵀ. `start` may be y itself; nil is zero.
  func multiply(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, addingTo start: UnsafePointer<Float>? = nil,
    threads: ComputeThreads
  ) {
    ck_product(threads.pool, y, columns, x, depth, 1, rows, base, columns, depth, start)
  }
}
