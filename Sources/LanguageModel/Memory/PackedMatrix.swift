import CKernels

/// The weights of a linear layer in the product kernel's layout: panels of 32 output columns, each [input][32].
///
/// Several matrices with the same input can stand side by side, so that one product computes them all.
final class PackedMatrix {
  /// Output columns and input rows.
  let columns: Int
  let depth: Int
  private let buffer: FloatBuffer

  init(columns: Int, depth: Int) {
    self.columns = columns
    self.depth = depth
    buffer = FloatBuffer(count: ck_packed_count(columns, depth))
  }

  /// Packs matrices (n, depth), row major, one after the other.
  func pack(_ matrices: [(base: UnsafeMutablePointer<Float>, columns: Int)], threads: ComputeThreads) {
    var first = 0
    for (base, columns) in matrices {
      ck_pack(threads.pool, buffer.base, first, base, depth, 1, columns, depth)
      first += columns
    }
    precondition(first == columns, "packed \(first) columns of \(columns)")
  }

  /// y (rows, columns) = x (rows, depth) · Wᵀ, or += with `accumulating`.
  func multiply(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, accumulating: Bool = false,
    threads: ComputeThreads
  ) {
    ck_product(threads.pool, y, columns, x, depth, 1, rows, buffer.base, columns, depth, accumulating ? 1 : 0)
  }
}
