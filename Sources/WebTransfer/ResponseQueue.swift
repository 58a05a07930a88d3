import Synchronization

/// Carries one response from the transfer thread to the task that waits for it.
///
/// Bounded: while the task is behind by more than `capacity` bytes, the transfer is paused, and with it the sender.
final class ResponseQueue: Sendable {
  enum Event {
    case head(WebResponse)
    case body([UInt8])
    case end(WebError?)
  }

  private struct State {
    var head: WebResponse?
    var bytes: [UInt8] = []
    var isOver = false
    var error: WebError?
    var isFull = false
    var waiter: CheckedContinuation<Event, Never>?
  }

  private let state = Mutex(State())
  private let capacity: Int?

  /// - Parameter capacity: nil hands the body over in one piece, at its end.
  init(capacity: Int?) { self.capacity = capacity }

  var isOver: Bool { state.withLock { $0.isOver } }

  // MARK: The transfer's side

  func receive(head: WebResponse) {
    change { $0.head = head }
  }

  /// False if the queue is full: the bytes are not taken, and are to be offered again after `onRoom`.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    change { state in
      if let capacity, !state.bytes.isEmpty, state.bytes.count + bytes.count > capacity {
        state.isFull = true
        return false
      }
      state.bytes.append(contentsOf: bytes)
      return true
    }
  }

  /// Ends the response; what is said first counts.
  func finish(_ error: WebError?) {
    change { state in
      guard !state.isOver else { return }
      state.isOver = true
      state.error = error
    }
  }

  private func change<Value>(_ body: (inout State) -> Value) -> Value {
    let (value, waiter, event) = state.withLock { state -> (Value, CheckedContinuation<Event, Never>?, Event?) in
      let value = body(&state)
      guard state.waiter != nil, let event = next(&state) else { return (value, nil, nil) }
      defer { state.waiter = nil }
      return (value, state.waiter, event)
    }
    if let event { waiter?.resume(returning: event) }
    return value
  }

  // MARK: The task's side

  /// Waits for what comes next. After `end` comes `end` again.
  /// - Parameter onRoom: Called if the transfer was paused and may go on.
  func next(onRoom: () -> Void) async -> Event {
    let hasRoom = state.withLock { state in
      defer { if state.bytes.isEmpty { state.isFull = false } }
      return state.isFull && state.bytes.isEmpty
    }
    if hasRoom { onRoom() }
    return await withCheckedContinuation { continuation in
      let event = state.withLock { state -> Event? in
        if let event = next(&state) { return event }
        precondition(state.waiter == nil, "two tasks wait for one response")
        state.waiter = continuation
        return nil
      }
      if let event { continuation.resume(returning: event) }
    }
  }

  private func next(_ state: inout State) -> Event? {
    if let head = state.head {
      state.head = nil
      return .head(head)
    }
    // A failure discards what is left of the body; its beginning alone is of no use.
    if !state.bytes.isEmpty, state.isOver ? state.error == nil : capacity != nil {
      defer { state.bytes = [] }
      return .body(state.bytes)
    }
    return state.isOver ? .end(state.error) : nil
  }
}
