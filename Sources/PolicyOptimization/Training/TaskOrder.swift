import AgentCore
import EnvironmentKit

/// Which training task comes n-th in a run: warm-up takes the first ones, then every step the next.
///
/// A source without end is walked by index. A finite one is walked pass after pass, each in its own seeded order.
struct TaskOrder: Sendable {
  /// Tasks in the training split; nil without end.
  let count: Int?
  let seed: Int

  /// The index in the split of the n-th task.
  func index(_ n: Int) -> Int {
    guard let count, count > 0 else { return n }
    var order = Array(0..<count)
    var stream = RandomStream(seed: seed, purpose: "task-order", n / count)
    stream.shuffle(&order)
    return order[n % count]
  }
}
