/// Deadlines and patience of a pull. No wait is without one.
public struct TransferLimits: Sendable, Equatable {
  /// Until a connection stands, TLS included.
  public var connectTimeout: Duration
  /// A transfer in which nothing comes, or less than 1 kB/s, for this long counts as broken. At least one second.
  public var stallTimeout: Duration
  /// Attempts in a row without a megabyte of progress between them before giving up.
  public var attempts: Int
  /// The wait after the first failure; it doubles with each, up to `longestRetryDelay`.
  public var firstRetryDelay: Duration
  /// Also bounds the wait that a hub asks for in `Retry-After`.
  public var longestRetryDelay: Duration

  public init(
    connectTimeout: Duration = .seconds(15), stallTimeout: Duration = .seconds(30), attempts: Int = 6,
    firstRetryDelay: Duration = .milliseconds(500), longestRetryDelay: Duration = .seconds(20)
  ) {
    self.connectTimeout = connectTimeout
    self.stallTimeout = stallTimeout
    self.attempts = attempts
    self.firstRetryDelay = firstRetryDelay
    self.longestRetryDelay = longestRetryDelay
  }

  /// The wait after the given failure (from 1), at least what the hub asked for.
  func retryDelay(afterFailure failure: Int, requested: Duration?) -> Duration {
    let doublings = min(max(failure - 1, 0), 20)
    let backOff = firstRetryDelay * (1 << doublings)
    return min(max(backOff, requested ?? .zero), longestRetryDelay)
  }
}
