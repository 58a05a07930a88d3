/// Numbers as people read them. No locale: a report looks the same everywhere.
public enum NumberText {
  /// A fixed number of decimals, rounded half away from zero; `-0.00` is written `0.00`.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int64(scaled / scale)
    let fraction = Int64(scaled - Double(whole) * scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(fraction)
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
  }

  /// About three significant digits, for any size: `0.0312`, `4.20`, `131`, `2.4e-07`.
  public static func short(_ value: Double) -> String {
    let magnitude = value.magnitude
    if value == 0 { return "0" }
    switch magnitude {
    case ..<0.001: return scientific(value)
    case ..<0.0995: return fixed(value, 4)
    case ..<0.995: return fixed(value, 3)
    case ..<9.95: return fixed(value, 2)
    case ..<99.5: return fixed(value, 1)
    case ..<1e4: return fixed(value, 0)
    case ..<1e12: return abbreviated(value)
    default: return scientific(value)
    }
  }

  /// Three digits with a unit prefix: `940`, `12.4k`, `3.10M`.
  public static func abbreviated(_ value: Double) -> String {
    for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value.magnitude >= limit * 0.9995 {
      let scaled = value / limit
      return fixed(scaled, scaled.magnitude < 9.995 ? 2 : scaled.magnitude < 99.95 ? 1 : 0) + unit
    }
    return value == value.rounded() || value.magnitude >= 99.5 ? fixed(value, 0) : fixed(value, 1)
  }

  /// With a sign, also for zero and above: `+0.50`, `-0.50`.
  public static func signed(_ value: Double, _ decimals: Int) -> String {
    let text = fixed(value, decimals)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
  }

  /// `93.8%`
  public static func percent(_ fraction: Double, _ decimals: Int = 1) -> String {
    fixed(fraction * 100, decimals) + "%"
  }

  /// `8.2 s`, `3:07`, `1:12:09`.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 59.95 { return "\(fixed(seconds, seconds < 10 ? 1 : 0)) s" }
    let whole = Int(seconds.rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }

  /// One digit and an exponent of ten: `2.4e-07`.
  private static func scientific(_ value: Double) -> String {
    var mantissa = value
    var exponent = 0
    while mantissa.magnitude >= 9.95 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa.magnitude < 0.995 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    return "\(fixed(mantissa, 1))e\(exponent < 0 ? "-" : "+")\(digits)"
  }
}
