/// Counts failures in a row and waits between attempts.
struct RetryLoop {
  /// As much progress between two failures makes the count start over.
  private static let progressBytes = 1_000_000

  let url: String
  let limits: TransferLimits
  let cancellation: CancellationFlag
  let meter: ProgressMeter
  private var failures = 0

  init(url: String, limits: TransferLimits, cancellation: CancellationFlag, meter: ProgressMeter) {
    self.url = url
    self.limits = limits
    self.cancellation = cancellation
    self.meter = meter
  }

  /// Waits before the next attempt.
  ///
  /// - Throws: `unreachable` when it was the last one, `cancelled`.
  mutating func failed(reason: String, after requested: Duration?, newBytes: Int) throws(ModelHubError) {
    failures = newBytes >= Self.progressBytes ? 1 : failures + 1
    guard failures < limits.attempts else {
      throw .unreachable(url: url, reason: reason, attempts: failures)
    }
    let delay = limits.retryDelay(afterFailure: failures, requested: requested)
    meter.tell(.retrying(reason: reason, delay: delay))
    try cancellation.sleep(for: delay)
  }
}
