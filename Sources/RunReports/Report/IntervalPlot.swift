import TerminalOutput

/// Success before and after on one axis from 0 to 100%, each with its 95% interval.
enum IntervalPlot {
  static func html(_ results: [(name: String, result: EvaluationResult)]) -> HTML {
    let height = 26.0 + 34 * Double(results.count)
    func x(_ share: Double) -> Double { 60 + share * 470 }
    let grid = [0, 0.25, 0.5, 0.75, 1].map { share -> HTML in
      """
      <line class="grid" x1="\(at: x(share))" x2="\(at: x(share))" y1="4" y2="\(at: height - 20)"/>\
      <text x="\(at: x(share))" y="\(at: height - 4)" text-anchor="middle">\(NumberText.percent(share, 0))</text>
      """
    }
    let rows = results.enumerated().map { index, one -> HTML in
      let y = 21 + 34 * Double(index)
      let colour = index == results.count - 1 ? "c1" : "c3"
      var row: HTML = "<g class=\"\(colour)\"><text x=\"0\" y=\"\(at: y + 4)\">\(one.name)</text>"
      if let interval = one.result.interval {
        row += """
          <line class="whisker" style="stroke-width:6" stroke-linecap="round" x1="\(at: x(interval.low))" \
          x2="\(at: x(interval.high))" y1="\(at: y)" y2="\(at: y)"/>
          """
      }
      if let rate = one.result.successRate {
        row += "<circle r=\"5.5\" fill=\"currentColor\" cx=\"\(at: x(rate))\" cy=\"\(at: y)\"/>"
      }
      return row + "</g>"
    }
    return """
      <svg viewBox="0 0 545 \(at: height)" role="img" aria-label="Success rates with 95% intervals">\
      \(HTML(grid))\(HTML(rows))</svg>
      """
  }
}
