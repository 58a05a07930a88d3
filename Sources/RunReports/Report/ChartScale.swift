import TerminalOutput

/// A linear map from a range of values to a range of pixels, with round numbers to mark on it.
struct ChartScale {
  let low: Double
  let high: Double
  let start: Double
  let end: Double
  let ticks: [Double]
  /// Decimals that tell neighbouring ticks apart.
  private let decimals: Int

  /// - Parameters:
  ///   - isWhole: values are counts; ticks are whole numbers.
  ///   - widens: extend the range to the ticks around it.
  init(values: [Double], from start: Double, to end: Double, tickCount: Int, isWhole: Bool = false, widens: Bool = true)
  {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if high - low < max(high.magnitude, low.magnitude) * 1e-9 || high == low {
      let margin = isWhole ? 1 : max(high.magnitude * 0.5, 1e-9)
      (low, high) = (low - (low == 0 ? 0 : margin), high + (high == 0 ? 1 : margin))
    }
    let step = Self.roundStep((high - low) / Double(tickCount), isWhole: isWhole)
    if widens {
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    self.low = low
    self.high = high
    self.start = start
    self.end = end
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = Int((high / step + 1e-9).rounded(.down))
    ticks = first <= last ? (first...last).map { Double($0) * step } : []
    var decimals = 0
    var unit = step
    while decimals < 12, unit < 0.5 || (unit - unit.rounded()).magnitude > 1e-6 * unit {
      unit *= 10
      decimals += 1
    }
    self.decimals = decimals
  }

  func position(_ value: Double) -> Double { start + (value - low) / (high - low) * (end - start) }

  func label(_ tick: Double) -> String {
    if tick.magnitude >= 10_000 { return NumberText.abbreviated(tick) }
    return decimals > 5 ? NumberText.short(tick) : NumberText.fixed(tick, decimals)
  }

  /// The next of 1, 2, 5 × 10ⁿ.
  private static func roundStep(_ rough: Double, isWhole: Bool) -> Double {
    var unit = 1.0
    while unit > rough { unit /= 10 }
    while unit * 10 <= rough { unit *= 10 }
    let step = [1.0, 2, 5, 10].map { $0 * unit }.first { $0 >= rough * 0.999 } ?? unit
    return isWhole ? max(1, step) : step
  }
}
