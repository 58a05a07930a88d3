import AgentCore
import CChildProcess
import Glibc

/// What the slot's thread does: start the process, pass on one request after the other, end the process.
struct SlotConversation: Sendable {
  let launcher: LauncherProgram
  let settings: SlotSettings
  let mailbox: SlotMailbox
  /// Held as long as the process lives.
  let number: SlotNumber
  let scratch: ScratchFolder

  /// A zygote that imports a large library on a busy machine takes its time.
  private static let startTimeout = Duration.seconds(60)
  /// Closing the stream ends the process at once; killing is for one that is stuck.
  private static let endGrace = Duration.seconds(3)

  /// Runs until the slot is closed or fails. Blocks.
  func run(ready: (Result<(process: pid_t, readiness: SlotReadiness), SlotFailure>) -> Void) {
    let (child, file): (ChildProcess, Int32)
    do {
      (child, file) = try startProcess()
    } catch {
      mailbox.fail(error)
      mailbox.end()
      return ready(.failure(error))
    }
    var isReady = false
    var failure = SlotFailure.closed
    do throws(SlotFailure) {
      var socket = SlotSocket(file: file, bell: mailbox.bell)
      let readiness = try configure(&socket)
      isReady = true
      ready(.success((child.id, readiness)))
      try serve(&socket)
    } catch {
      failure = error
    }
    // Nobody may come to wait for a slot that ends. The socket is closed by now, which ends the process.
    mailbox.fail(failure)
    child.reap(after: failure == .silent ? .zero : Self.endGrace)
    if settings.isolation == .noNamespace { scratch.remove(slot: number.value) }
    mailbox.end()
    if !isReady { ready(.failure(failure)) }
  }

  private func startProcess() throws(SlotFailure) -> (ChildProcess, Int32) {
    var ends: [Int32] = [0, 0]
    let code = acp_socket_pair(&ends)
    guard code == 0 else { throw .cannotStart("no stream (\(ChildProcessError(code: code)))") }
    let (ours, theirs) = (ends[0], ends[1])
    defer { Glibc.close(theirs) }
    do {
      let child = try ChildProcess.start([launcher.path, "slot"], environment: [], files: [nil, nil, nil, theirs])
      return (child, ours)
    } catch {
      Glibc.close(ours)
      throw .cannotStart("\(launcher.path): \(error)")
    }
  }

  private func configure(_ socket: inout SlotSocket) throws(SlotFailure) -> SlotReadiness {
    let end = ContinuousClock.now + Self.startTimeout
    try socket.send(.configure(settings), until: end)
    while true {
      switch try socket.next(until: end) {
      case .reply(.ready(let readiness)): return readiness
      case .reply(.fault(let reason)): throw .cannotStart(reason)
      case .reply: throw .ended("it answered before it was ready")
      case .bell: if mailbox.isClosing { throw .closed }
      case .deadline: throw .silent
      }
    }
  }

  private func serve(_ socket: inout SlotSocket) throws(SlotFailure) {
    while !mailbox.isClosing {
      if let exchange = mailbox.takeNext() {
        try serve(exchange, &socket)
        continue
      }
      switch try socket.next(until: nil) {
      case .bell: continue
      case .reply(.fault(let reason)): throw .ended(reason)
      case .reply: throw .ended("it answered without being asked")
      case .deadline: continue
      }
    }
  }

  private func serve(_ exchange: SlotExchange, _ socket: inout SlotSocket) throws(SlotFailure) {
    do throws(SlotFailure) {
      let reply = try answer(to: exchange, &socket)
      exchange.continuation.resume(returning: .success(reply))
    } catch {
      // First of all nobody else may take this slot for a good one.
      mailbox.fail(error)
      exchange.continuation.resume(returning: .failure(error))
      throw error
    }
  }

  private func answer(to exchange: SlotExchange, _ socket: inout SlotSocket) throws(SlotFailure) -> SlotReply {
    let end = ContinuousClock.now + exchange.timeout
    try socket.send(exchange.request, until: end)
    var cancelSent = false
    while true {
      if !cancelSent, let id = exchange.request.cancellableID, mailbox.isCancelled(exchange.id) {
        try socket.send(.cancel(id: id), until: end)
        cancelSent = true
      }
      switch try socket.next(until: end) {
      case .reply(.fault(let reason)): throw .ended(reason)
      case .reply(.ready): throw .ended("it answered out of turn")
      case .reply(let reply): return reply
      case .bell: if mailbox.isClosing { throw .closed }
      case .deadline: throw .silent
      }
    }
  }
}

extension SlotRequest {
  /// What CANCEL names to end this, if it can be ended.
  fileprivate var cancellableID: Int? {
    switch self {
    case .run(let id, _): id
    case .cell(let branch, _): branch
    default: nil
    }
  }
}
