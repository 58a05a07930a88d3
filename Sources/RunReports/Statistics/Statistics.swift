import AgentCore

/// A range that a quantity lies in with stated confidence.
public struct Interval: Sendable, Hashable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}

/// Estimates with their uncertainty, as every success rate and return is reported.
public enum Statistics {
  /// 97.5% quantile of the normal distribution: two-sided 95%.
  private static let z = 1.959963984540054

  /// Wilson's 95% score interval of a proportion (Wilson 1927; recommended for any count by Brown, Cai and DasGupta
  /// 2001). 0 to 1 if there were no trials.
  public static func wilsonInterval(successes: Int, trials: Int) -> Interval {
    precondition((0...max(0, trials)).contains(successes), "\(successes) successes in \(trials) trials")
    guard trials > 0 else { return Interval(low: 0, high: 1) }
    let n = Double(trials)
    let p = Double(successes) / n
    let denominator = 1 + z * z / n
    let centre = (p + z * z / (2 * n)) / denominator
    let half = z / denominator * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    // At 0 and n successes the bound is exact; rounding must not put it beside.
    return Interval(
      low: successes == 0 ? 0 : max(0, centre - half), high: successes == trials ? 1 : min(1, centre + half))
  }

  /// The arithmetic mean; nil of nothing.
  public static func mean(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The standard deviation of a sample (divisor n − 1); nil below two values.
  public static func standardDeviation(_ values: some Collection<Double>) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// The percentile bootstrap's 95% interval of a mean (Efron 1979). The stream makes it repeatable.
  /// - Returns: nil of nothing; a range of width 0 for one value.
  public static func bootstrapInterval(
    ofMean values: [Double], resamples: Int = 2000, stream: inout RandomStream
  ) -> Interval? {
    precondition(resamples > 0, "a bootstrap needs resamples, got \(resamples)")
    guard !values.isEmpty else { return nil }
    var means: [Double] = []
    means.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var sum = 0.0
      for _ in values.indices { sum += values[stream.below(values.count)] }
      means.append(sum / Double(values.count))
    }
    means.sort()
    return Interval(low: quantile(0.025, ofSorted: means), high: quantile(0.975, ofSorted: means))
  }

  /// The quantile between the two nearest values, in proportion (the usual definition, number 7 of Hyndman and Fan
  /// 1996).
  /// - Parameter values: in ascending order, at least one.
  public static func quantile(_ fraction: Double, ofSorted values: [Double]) -> Double {
    precondition(!values.isEmpty && (0...1).contains(fraction), "quantile \(fraction) of \(values.count) values")
    let position = fraction * Double(values.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, values.count - 1)
    return values[lower] + (values[upper] - values[lower]) * (position - Double(lower))
  }
}
