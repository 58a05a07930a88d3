import AgentCore
import Testing

@testable import RunReports
@testable import TrajectoryStore

@Suite struct ChartTests {
  @Test(
    "ticks are round, inside the range, and at least two",
    arguments: [
      [0, 1], [-3.2, 4.7], [1e-7, 2e-7], [5, 5], [0, 0], [-2, -2], [1e8, 3e8], [0.41, 0.43], [99, 101],
    ])
  func scale(values: [Double]) throws {
    let scale = ChartScale(values: values, from: 0, to: 100, tickCount: 4)
    #expect((2...9).contains(scale.ticks.count), "\(scale.ticks)")
    #expect(Set(scale.ticks.map(scale.label)).count == scale.ticks.count, "\(scale.ticks.map(scale.label))")
    for value in values + scale.ticks {
      #expect((-0.001...100.001).contains(scale.position(value)), "\(value) in \(scale.low)…\(scale.high)")
    }
  }

  @Test("steps are marked at whole numbers", arguments: [1.0, 2, 3, 7, 120, 99_999])
  func wholeTicks(last: Double) {
    let scale = ChartScale(values: [0, last], from: 0, to: 1, tickCount: 6, isWhole: true, widens: false)
    #expect(scale.ticks.allSatisfy { $0 == $0.rounded() && (0...last).contains($0) })
  }

  @Test("a thinned curve keeps its first, last, lowest and highest point, in order")
  func thinning() throws {
    var points = (0..<50_000).map { ChartPoint(x: Double($0), y: Double($0 * 7919 % 1000)) }
    points[31_337].y = 5000
    points[4_242].y = -5000
    let thinned = LineChart.thinned(points)
    #expect(thinned.count <= 800)
    #expect(thinned.first == points.first && thinned.last == points.last)
    #expect(thinned.contains(points[31_337]) && thinned.contains(points[4_242]))
    #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
    #expect(LineChart.thinned(Array(points.prefix(800))).count == 800)
  }

  @Test("a running mean keeps a straight line straight, to both ends")
  func runningMean() {
    let line = (0..<20).map { ChartPoint(x: Double($0), y: Double($0) * 2) }
    #expect(LineChart.runningMean(line, window: 7) == line)
    let mean = LineChart.runningMean([0, 3, 0, 3, 0].map { ChartPoint(x: 0, y: $0) }, window: 3).map(\.y)
    #expect(mean == [0, 1, 2, 1, 0])
  }

  @Test("a chart of nothing is no chart, and one of a single point marks it")
  func smallCharts() throws {
    var chart = LineChart(title: "t", caption: "c", series: [.init(name: "s", points: [], style: .line)])
    #expect(chart.html() == nil)
    chart.series[0].points = [ChartPoint(x: 3, y: 0.25)]
    let html = try #require(chart.html()).markup
    #expect(html.contains("<circle") && html.contains("0.250") && !html.contains("nan"))
  }

  private func summary(
    _ id: String, version: Int? = 0, group: String? = "g", success: Bool? = true, split: Split = .train
  ) -> TrajectorySummary {
    TrajectorySummary(
      id: id, environment: "e", split: split, task: "t", groupID: group, policy: "p", policyVersion: version,
      startedAt: "", turns: 1, totalReturn: 0, isSuccess: success, termination: success == nil ? nil : .answered)
  }

  @Test("samples set a success beside a failure of the same group")
  func contrast() {
    let parts = SampleEpisodes.choose([
      summary("a", group: "easy"), summary("b", group: "hard", success: false),
      summary("c", group: "mixed", success: false), summary("d", group: "mixed"), summary("open", success: nil),
      summary("e", version: 5), summary("v", version: 5, group: nil, success: false, split: .test),
      summary("oracle", version: nil, group: nil),
    ])
    #expect(parts.map(\.ids) == [["d", "c", "b"], ["e"], ["v"]])
    #expect(SampleEpisodes.choose([]).isEmpty)
    #expect(SampleEpisodes.choose([summary("oracle", version: nil, group: nil)]).map(\.ids) == [["oracle"]])
  }
}
