import AgentCore
import TerminalOutput

/// A point of a curve: a step and a value.
struct ChartPoint: Equatable {
  var x: Double
  var y: Double
}

/// Curves over steps as inline SVG, with a readout under the pointer.
struct LineChart {
  enum Style: String {
    /// The series itself.
    case line
    /// What every step gave, behind its running mean.
    case faint
    /// Few points, each marked, with their intervals.
    case marked
  }

  struct Series {
    var name: String
    var points: [ChartPoint]
    var style: Style
    /// The colour: 1, 2 or 3.
    var colour = 1
    /// 95% intervals at the points of a marked series.
    var intervals: [Interval] = []
  }

  enum Unit {
    case number, percent, seconds

    func text(_ value: Double) -> String {
      switch self {
      case .number: NumberText.short(value)
      case .percent: NumberText.percent(value)
      case .seconds: "\(NumberText.short(value)) s"
      }
    }
  }

  var title: String
  /// What the curve says, in a few words.
  var caption: String
  var series: [Series]
  var unit = Unit.number
  /// Values that the vertical axis shows in any case.
  var includes: [Double] = []
  /// Areas on top of each other instead of lines.
  var isStacked = false

  /// W width, H height of the drawing in its own units; margins leave room for labels.
  static let size = (width: 560.0, height: 216.0)
  private static let plot = (left: 46.0, right: 548.0, top: 10.0, bottom: 190.0)

  /// The figure; nil if no series has a point.
  func html() -> HTML? {
    let shown = series.filter { !$0.points.isEmpty }
    guard let lead = shown.last(where: { $0.style != .faint }) ?? shown.last, let last = lead.points.last else {
      return nil
    }
    let drawn = isStacked ? Self.stacked(shown) : shown
    let xs = ChartScale(
      values: drawn.flatMap { $0.points.map(\.x) }, from: Self.plot.left, to: Self.plot.right, tickCount: 6,
      isWhole: true, widens: false)
    let values = drawn.flatMap { one in one.points.map(\.y) + one.intervals.flatMap { [$0.low, $0.high] } }
    let scale = unit == .percent ? 100.0 : 1
    let ys = ChartScale(
      values: (values + includes).map { $0 * scale }, from: Self.plot.bottom, to: Self.plot.top, tickCount: 4)
    let marks = drawn.indices.reversed().map { mark(drawn, $0, xs, ys, scale) }
    let now = unit.text(last.y)
    // What every step gave needs no name of its own beside its running mean.
    let named = shown.filter { $0.style != .faint }
    let readout = data(shown).serialized()
    return """
      <figure class="chart"><figcaption><b>\(title)</b>\(named.count > 1 ? legend(named) : "<span class=\"now\">\(now)</span>")\
      <span class="caption">\(caption)</span></figcaption>
      <svg viewBox="0 0 \(at: Self.size.width) \(at: Self.size.height)" role="img" \
      aria-label="\(title), by step: \(caption)" data-low="\(at: xs.low)" data-high="\(at: xs.high)" \
      data-left="\(at: Self.plot.left)" data-right="\(at: Self.plot.right)" data-series="\(readout)">
      \(axes(xs, ys))\(isStacked ? HTML(marks) : HTML(marks.reversed()))
      <line class="cursor" y1="\(at: Self.plot.top)" y2="\(at: Self.plot.bottom)" x1="-9" x2="-9"/></svg></figure>
      """
  }

  // MARK: Parts

  private func axes(_ xs: ChartScale, _ ys: ChartScale) -> HTML {
    let suffix = unit == .percent ? "%" : ""
    let rows = ys.ticks.map { tick -> HTML in
      let y = ys.position(tick)
      return """
        <line class="grid" x1="\(at: Self.plot.left)" x2="\(at: Self.plot.right)" y1="\(at: y)" y2="\(at: y)"/>\
        <text class="tick" x="\(at: Self.plot.left - 7)" y="\(at: y + 3.5)" text-anchor="end">\(ys.label(tick) + suffix)\
        </text>
        """
    }
    let columns = xs.ticks.map { tick -> HTML in
      """
      <text class="tick" x="\(at: xs.position(tick))" y="\(at: Self.plot.bottom + 17)" text-anchor="middle">\
      \(xs.label(tick))</text>
      """
    }
    return HTML(rows + columns)
  }

  private func mark(
    _ drawn: [Series], _ index: Int, _ xs: ChartScale, _ ys: ChartScale, _ scale: Double
  ) -> HTML {
    let one = drawn[index]
    func path(_ points: [ChartPoint]) -> String {
      Self.thinned(points).map {
        "\(NumberText.fixed(xs.position($0.x), 2)) \(NumberText.fixed(ys.position($0.y * scale), 2))"
      }.joined(separator: "L")
    }
    let colour = "c\(one.colour)"
    if isStacked {
      let floor = index > 0 ? drawn[index - 1].points : one.points.map { ChartPoint(x: $0.x, y: 0) }
      return "<path class=\"area \(colour)\" d=\"M\(path(one.points))L\(path(floor.reversed()))Z\"/>"
    }
    var html: HTML = ""
    for (point, interval) in zip(one.points, one.intervals) {
      let x = xs.position(point.x)
      html += """
        <line class="whisker \(colour)" x1="\(at: x)" x2="\(at: x)" y1="\(at: ys.position(interval.low * scale))" \
        y2="\(at: ys.position(interval.high * scale))"/>
        """
    }
    if one.points.count > 1 { html += "<path class=\"\(one.style.rawValue) \(colour)\" d=\"M\(path(one.points))\"/>" }
    if one.style == .marked || one.points.count == 1 {
      for point in one.points {
        html += """
          <circle class="dot \(colour)" r="3.2" cx="\(at: xs.position(point.x))" cy="\(at: ys.position(point.y * scale))"/>
          """
      }
    }
    return html
  }

  /// Names and latest values of several series.
  private func legend(_ named: [Series]) -> HTML {
    let items = named.map { one -> HTML in
      let latest = one.points.last.map { unit.text($0.y) } ?? ""
      return "<span><i class=\"key c\(one.colour) \(one.style.rawValue)\"></i>\(one.name) <b>\(latest)</b></span>"
    }
    return "<span class=\"legend\">\(HTML(items))</span>"
  }

  /// The series for the readout: `[{"name":…,"points":[[x,"text"],…]},…]`.
  private func data(_ shown: [Series]) -> JSONValue {
    .array(
      shown.map { one in
        [
          "name": .string(one.name),
          "points": .array(Self.thinned(one.points).map { [.double($0.x), .string(unit.text($0.y))] }),
        ]
      })
  }

  // MARK: Series

  /// Each series raised by those before it. Steps that one of them lacks are left out.
  private static func stacked(_ series: [Series]) -> [Series] {
    var base: [Double: Double] = [:]
    return series.enumerated().map { index, one in
      var one = one
      one.points = one.points.compactMap { point in
        guard index == 0 || base[point.x] != nil else { return nil }
        return ChartPoint(x: point.x, y: point.y + (base[point.x] ?? 0))
      }
      base = Dictionary(one.points.map { ($0.x, $0.y) }, uniquingKeysWith: { _, last in last })
      return one
    }
  }

  /// At most about 800 points that draw the same: of each run of neighbours the first, lowest, highest and last.
  static func thinned(_ points: [ChartPoint], to limit: Int = 800) -> [ChartPoint] {
    guard points.count > limit else { return points }
    let buckets = limit / 4
    return (0..<buckets).flatMap { bucket in
      let range = points.count * bucket / buckets..<points.count * (bucket + 1) / buckets
      let low = range.min { points[$0].y < points[$1].y } ?? range.lowerBound
      let high = range.max { points[$0].y < points[$1].y } ?? range.lowerBound
      return Set([range.lowerBound, low, high, range.upperBound - 1]).sorted().map { points[$0] }
    }
  }

  /// The mean over a window that reaches equally far to both sides, as far as there are points.
  static func runningMean(_ points: [ChartPoint], window: Int) -> [ChartPoint] {
    var sums = [0.0]
    for point in points { sums.append((sums.last ?? 0) + point.y) }
    return points.indices.map { index in
      let reach = min(window / 2, index, points.count - 1 - index)
      let total = sums[index + reach + 1] - sums[index - reach]
      return ChartPoint(x: points[index].x, y: total / Double(2 * reach + 1))
    }
  }
}
