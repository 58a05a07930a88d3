import CKernels

extension ParameterBuffer {
  /// √Σ x² over all values, summed in double in a fixed order. Not finite if any value is not, so one look at it tells
  /// whether a gradient is usable.
  public func globalNorm(threads: ComputeThreads) -> Double {
    var partial = [Double](repeating: 0, count: storage.count / 65536 + 1)
    return ck_sum_of_squares(threads.pool, storage.base, storage.count, &partial).squareRoot()
  }

  /// Multiplies every value.
  public func scale(by factor: Float, threads: ComputeThreads) {
    ck_scale(threads.pool, storage.base, storage.count, factor)
  }

  /// The factor that brings a gradient of the given norm down to `limit`: 1 if it is within the limit already
  /// (Pascanu et al. 2013, arXiv 1211.5063).
  public static func clippingFactor(norm: Double, limit: Double) -> Float {
    norm > limit ? Float(limit / norm) : 1
  }
}
