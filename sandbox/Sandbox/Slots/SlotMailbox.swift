import Synchronization

/// A request on its way.
struct SlotExchange: Sendable {
  let id: Int
  let request: SlotRequest
  let timeout: Duration
  let continuation: CheckedContinuation<Result<SlotReply, SlotFailure>, Never>
}

/// Where requests wait for the slot's thread.
final class SlotMailbox: Sendable {
  private struct State {
    var waiting: [SlotExchange] = []
    var cancelled: Set<Int> = []
    var nextID = 1
    var isClosing = false
    /// Why nothing is served any more, once that is so; the process may still be there.
    var failure: SlotFailure?
    var isOver = false
    var onEnd: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  let bell: Bell

  init?() {
    guard let bell = Bell() else { return nil }
    self.bell = bell
  }

  var isOpen: Bool { state.withLock { $0.failure == nil && !$0.isClosing } }

  func newExchangeID() -> Int {
    state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
  }

  func post(_ exchange: SlotExchange) {
    let failure = state.withLock { state -> SlotFailure? in
      if let failure = state.failure { return failure }
      if state.isClosing { return .closed }
      state.waiting.append(exchange)
      return nil
    }
    if let failure { return exchange.continuation.resume(returning: .failure(failure)) }
    bell.ring()
  }

  func cancel(_ id: Int) {
    state.withLock { _ = $0.cancelled.insert(id) }
    bell.ring()
  }

  /// Asks the thread to end; what it does then is called when the process is gone.
  func close(_ onEnd: (@Sendable () -> Void)? = nil) {
    let isOver = state.withLock { state in
      state.isClosing = true
      if !state.isOver, let onEnd { state.onEnd.append(onEnd) }
      return state.isOver
    }
    if isOver { onEnd?() } else { bell.ring() }
  }

  // MARK: The thread's side

  var isClosing: Bool { state.withLock { $0.isClosing } }

  func takeNext() -> SlotExchange? {
    state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
  }

  /// Whether that exchange's caller has given up.
  func isCancelled(_ id: Int) -> Bool { state.withLock { $0.cancelled.contains(id) } }

  func forget(_ id: Int) { state.withLock { _ = $0.cancelled.remove(id) } }

  /// Answers all that wait, and whoever comes later, with the reason.
  func fail(_ failure: SlotFailure) {
    let waiting = state.withLock { state in
      state.failure = failure
      defer { state.waiting = [] }
      return state.waiting
    }
    for exchange in waiting { exchange.continuation.resume(returning: .failure(failure)) }
  }

  /// The process is gone.
  func end() {
    let onEnd = state.withLock { state in
      state.isOver = true
      defer { state.onEnd = [] }
      return state.onEnd
    }
    for call in onEnd { call() }
  }
}
