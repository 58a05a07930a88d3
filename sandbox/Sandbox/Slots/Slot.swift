import AgentCore
import Glibc
import Synchronization

/// A slot process, and the thread that talks to it.
///
/// Requests are served one at a time, in their order. The thread starts the process, since the kernel ties the process's
/// life to the thread that started it, and stays with it to the end; letting go of the last reference ends both.
final class Slot: Sendable {
  private let mailbox: SlotMailbox

  /// The launcher's process.
  let process: pid_t
  /// What the slot came to be.
  let readiness: SlotReadiness

  private init(mailbox: SlotMailbox, process: pid_t, readiness: SlotReadiness) {
    self.mailbox = mailbox
    self.process = process
    self.readiness = readiness
  }

  deinit { mailbox.close() }

  /// Starts a slot and waits until it is ready.
  /// - Parameter scratch: where its work directories lie if it has no mount namespace.
  static func start(
    launcher: LauncherProgram, settings: SlotSettings, scratch: ScratchFolder
  ) async -> Result<Slot, SlotFailure> {
    guard let number = SlotNumber() else {
      return .failure(.cannotStart("all \(SlotNumber.count) slot numbers are taken"))
    }
    guard let mailbox = SlotMailbox() else { return .failure(.cannotStart("no file can be opened")) }
    var settings = settings
    settings.index = number.value
    do {
      let box = settings.isolation == .full ? "/box" : try scratch.make(slot: number.value)
      settings.scratchFolder = settings.isolation == .full ? "" : box
      settings.environment += ["HOME=\(box)/work", "TMPDIR=\(box)/tmp"]
    } catch {
      return .failure(.cannotStart("no folder below \(scratch.path): \(error)"))
    }
    let conversation = SlotConversation(
      launcher: launcher, settings: settings, mailbox: mailbox, number: number, scratch: scratch)
    let readiness = await withCheckedContinuation { continuation in
      BlockingThread.start(named: "sandbox-slot") { conversation.run { continuation.resume(returning: $0) } }
    }
    return readiness.map { Slot(mailbox: mailbox, process: $0.process, readiness: $0.readiness) }
  }

  /// Whether the slot takes requests.
  var isAlive: Bool { mailbox.isOpen }

  /// Sends a request and waits for its answer. Cancelling the task cancels the request in the slot, which answers then.
  /// - Parameter timeout: after which the slot is given up; the program's own limits are the slot's business.
  func exchange(_ request: SlotRequest, timeout: Duration) async -> Result<SlotReply, SlotFailure> {
    let id = mailbox.newExchangeID()
    defer { mailbox.forget(id) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        mailbox.post(SlotExchange(id: id, request: request, timeout: timeout, continuation: continuation))
      }
    } onCancel: {
      mailbox.cancel(id)
    }
  }

  /// Ends the slot and waits until its process is gone.
  func close() async {
    await withCheckedContinuation { continuation in mailbox.close { continuation.resume() } }
  }
}

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
