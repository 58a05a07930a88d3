/// The values that an advantage is compared with.
///
/// Wherever a set has one member or no spread, there is nothing to compare and every advantage in it is 0.
struct ComparisonSet {
  /// ε in (x − mean)/(std + ε).
  static let epsilon = 1e-6

  let mean: Double
  /// Sample standard deviation (n − 1).
  let standardDeviation: Double
  let hasSpread: Bool

  init(_ values: [Double]) {
    let count = Double(values.count)
    mean = values.isEmpty ? 0 : values.reduce(0, +) / count
    guard values.count > 1, let low = values.min(), let high = values.max(), high > low else {
      standardDeviation = 0
      hasSpread = false
      return
    }
    let mean = mean
    standardDeviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
    hasSpread = true
  }

  /// x − mean.
  func centered(_ value: Double) -> Double { hasSpread ? value - mean : 0 }

  /// (x − mean)/(std + ε).
  func normalized(_ value: Double) -> Double { centered(value) / (standardDeviation + Self.epsilon) }
}
