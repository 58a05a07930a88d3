import AgentCore
import Testing

@testable import RunReports

@Suite struct StatisticsTests {
  /// `statsmodels.stats.proportion.proportion_confint(s, n, method="wilson")`, statsmodels 0.14.
  @Test(
    "Wilson's interval is statsmodels'",
    arguments: [
      (0, 10, 0.0, 0.27753279986288926), (1, 10, 0.017876213095072924, 0.40415002679523854),
      (5, 10, 0.23659309051256394, 0.7634069094874361), (10, 10, 0.7224672001371106, 1.0),
      (41, 100, 0.3186731302113651, 0.5079856994658921), (193, 200, 0.9295293884777092, 0.9829444579914328),
      (999, 1000, 0.9943574414020421, 0.9998234536293739), (0, 1, 0.0, 0.7934506856227627),
      (1, 1, 0.2065493143772374, 1.0), (0, 0, 0.0, 1.0),
    ])
  func wilson(successes: Int, trials: Int, low: Double, high: Double) {
    let interval = Statistics.wilsonInterval(successes: successes, trials: trials)
    // Both sides evaluate the same closed formula with a handful of roundings on numbers below 1.
    #expect(abs(interval.low - low) < 1e-14)
    #expect(abs(interval.high - high) < 1e-14)
  }

  private let values = [0.2, 1.5, -0.3, 0.9, 2.2, 0.0, 1.1, 0.7]

  @Test("mean, standard deviation and quantiles are NumPy's")
  func moments() throws {
    #expect(abs(try #require(Statistics.mean(values)) - 0.7875) < 1e-15)
    #expect(abs(try #require(Statistics.standardDeviation(values)) - 0.8253787009609589) < 1e-15)
    let quantiles = [0, 0.025, 0.5, 0.975, 1].map { Statistics.quantile($0, ofSorted: values.sorted()) }
    for (ours, theirs) in zip(quantiles, [-0.3, -0.2475, 0.8, 2.0775, 2.2]) { #expect(abs(ours - theirs) < 1e-15) }
    #expect(Statistics.mean([Double]()) == nil)
    #expect(Statistics.standardDeviation([1.0]) == nil)
  }

  /// `scipy.stats.bootstrap(values, numpy.mean, n_resamples=200000, method="percentile")` gives 0.4173 to 0.5632. The
  /// standard error of a 2.5% quantile from n resamples of a normal distribution with deviation s is
  /// s·√(0.025·0.975/n)/φ(1.96): for s = 0.0376 and n = 20000 0.0007. We allow four of them and SciPy's own error.
  @Test("the bootstrap interval is SciPy's, up to what resampling leaves to chance", arguments: [1, 2, 3])
  func bootstrap(seed: Int) throws {
    let values = (0..<60).map { Double($0 * 37 % 101) / 101 }
    var stream = RandomStream(seed: seed, purpose: "bootstrap")
    let interval = try #require(Statistics.bootstrapInterval(ofMean: values, resamples: 20_000, stream: &stream))
    #expect(abs(interval.low - 0.4173) < 0.0033)
    #expect(abs(interval.high - 0.5632) < 0.0033)
  }

  @Test("the same stream gives the same interval, and degenerate samples have degenerate ones")
  func bootstrapEdges() {
    func interval(_ values: [Double]) -> Interval? {
      var stream = RandomStream(seed: 4, purpose: "bootstrap")
      return Statistics.bootstrapInterval(ofMean: values, resamples: 100, stream: &stream)
    }
    #expect(interval(values) == interval(values))
    #expect(interval([]) == nil)
    #expect(interval([2.5]) == Interval(low: 2.5, high: 2.5))
  }
}
