import Dispatch
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
    var waiter: (@Sendable (Event) -> Void)?
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
    let (value, waiter, event) = state.withLock { state -> (Value, (@Sendable (Event) -> Void)?, Event?) in
      let value = body(&state)
      guard state.waiter != nil, let event = next(&state) else { return (value, nil, nil) }
      defer { state.waiter = nil }
      return (value, state.waiter, event)
    }
    if let event { waiter?(event) }
    return value
  }

  // MARK: The reader's side

  /// Waits for what comes next. After `end` comes `end` again.
  /// - Parameter onRoom: Called if the transfer was paused and may go on.
  func next(onRoom: () -> Void) async -> Event {
    makeRoom(onRoom)
    return await withCheckedContinuation { continuation in
      whenNext { continuation.resume(returning: $0) }
    }
  }

  /// As `next`, blocking this thread.
  /// - Parameter onWait: Called every 50 ms while nothing comes.
  func waitForNext(onRoom: () -> Void, onWait: () -> Void) -> Event {
    makeRoom(onRoom)
    let arrival = Arrival()
    whenNext { arrival.arrive($0) }
    while true {
      if let event = arrival.wait(for: .milliseconds(50)) { return event }
      onWait()
    }
  }

  private func makeRoom(_ onRoom: () -> Void) {
    let hasRoom = state.withLock { state in
      defer { if state.bytes.isEmpty { state.isFull = false } }
      return state.isFull && state.bytes.isEmpty
    }
    if hasRoom { onRoom() }
  }

  private func whenNext(_ receive: @escaping @Sendable (Event) -> Void) {
    let event = state.withLock { state -> Event? in
      if let event = next(&state) { return event }
      precondition(state.waiter == nil, "two readers wait for one response")
      state.waiter = receive
      return nil
    }
    if let event { receive(event) }
  }

  private func next(_ state: inout State) -> Event? {
    if let head = state.head {
      state.head = nil
      return .head(head)
    }
    if !state.bytes.isEmpty, mayHandOver(state) {
      defer { state.bytes = [] }
      return .body(state.bytes)
    }
    return state.isOver ? .end(state.error) : nil
  }

  /// Pieces are handed over also when the transfer has failed after them; the beginning of a whole is of no use.
  private func mayHandOver(_ state: State) -> Bool {
    capacity == nil ? state.isOver && state.error == nil : state.error != .cancelled
  }
}

/// One event, on its way to a thread that blocks for it.
private final class Arrival: Sendable {
  private let event = Mutex<ResponseQueue.Event?>(nil)
  private let signal = DispatchSemaphore(value: 0)

  func arrive(_ event: ResponseQueue.Event) {
    self.event.withLock { $0 = event }
    signal.signal()
  }

  /// Nil if it has not come in that time.
  func wait(for time: DispatchTimeInterval) -> ResponseQueue.Event? {
    signal.wait(timeout: .now() + time) == .success ? event.withLock { $0 } : nil
  }
}
