import AgentCore
import Foundation
import Glibc
import Synchronization

/// A connection over a process's standard input and output: one JSON-RPC message a line.
///
/// One thread of its own does all reading, writing and waiting, so that no thread of Swift's pool ever blocks on a
/// server. A server that ends stays ended: it is never started again behind a session's back.
final class StdioTransport: MessageTransport {
  private static let maxOutboxBytes = 32 << 20

  struct Waiter {
    let method: String
    let deadline: ContinuousClock.Instant
    let resume: CheckedContinuation<Result<JSONValue, MCPError>, Never>
  }

  struct State {
    /// Bytes for the server that its pipe has not taken yet.
    var outbox: [UInt8] = []
    var waiters: [RPCID: Waiter] = [:]
    var counts = MessageCounts()
    /// Why the connection is over; no request is taken any more.
    var end: MCPError?
    /// Whether process and thread are gone.
    var isGone = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  let limits: ConnectionLimits
  let process: ServerProcess
  let state = Mutex(State())
  private let wakeUp: WakeUp

  /// Starts the program.
  init(
    command: [String], environment: [String: String], folder: String?, limits: ConnectionLimits
  ) throws(MCPError) {
    self.limits = limits
    wakeUp = try WakeUp()
    process = try ServerProcess.start(command, environment: environment, folder: folder)
    // The thread keeps the transport alive until the server is gone; the last handle's `close` ends it.
    let thread = Thread { self.run() }
    thread.name = "mcp-server"
    thread.start()
  }

  var counts: MessageCounts { state.withLock { $0.counts } }

  func adopt(_ version: ProtocolVersion) {}

  func exchange(
    _ request: RPCRequest, headers: [HeaderField], deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> JSONValue {
    let frame = Self.frame(.request(request))
    let result: Result<JSONValue, MCPError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = Waiter(method: request.method, deadline: deadline, resume: continuation)
        if let refusal = enqueue(frame, waiter: (request.id, waiter)) {
          continuation.resume(returning: .failure(refusal))
        } else if Task.isCancelled {
          abandon(request.id, .cancelled)
        }
      }
    } onCancel: {
      abandon(request.id, .cancelled)
    }
    return try result.get()
  }

  func notify(_ method: String, _ params: JSONObject) async throws(MCPError) {
    if let refusal = enqueue(Self.frame(.notification(method: method, params: params))) { throw refusal }
  }

  func close() async {
    let waiters = state.withLock { $0.finish(.closed) }
    for waiter in waiters { waiter.resume.resume(returning: .failure(.closed)) }
    wakeUp.signal()
    await withCheckedContinuation { continuation in
      let isGone = state.withLock {
        if !$0.isGone { $0.closers.append(continuation) }
        return $0.isGone
      }
      if isGone { continuation.resume() }
    }
  }

  // MARK: Sending

  private static func frame(_ message: RPCMessage) -> [UInt8] {
    message.json.serializedBytes() + [UInt8(ascii: "\n")]
  }

  /// Hands the frame to the thread; returns why it cannot be sent.
  private func enqueue(_ frame: [UInt8], waiter: (RPCID, Waiter)? = nil) -> MCPError? {
    let refusal = state.withLock { state -> MCPError? in
      if let end = state.end { return end }
      guard state.outbox.count + frame.count <= Self.maxOutboxBytes else { return .notReading }
      state.outbox += frame
      if let (id, waiter) = waiter { state.waiters[id] = waiter }
      return nil
    }
    wakeUp.signal()
    return refusal
  }

  /// Stops waiting for a request and tells the server so.
  private func abandon(_ id: RPCID, _ reason: MCPError) {
    guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: id) }) else { return }
    tellCancelled(id, waiter, reason)
    waiter.resume.resume(returning: .failure(reason))
  }

  /// The opening request must not be cancelled, says the protocol.
  private func tellCancelled(_ id: RPCID, _ waiter: Waiter, _ reason: MCPError) {
    guard waiter.method != "initialize" else { return }
    let params: JSONObject = ["requestId": id.json, "reason": .string(reason == .cancelled ? "cancelled" : "timeout")]
    _ = enqueue(Self.frame(.notification(method: "notifications/cancelled", params: params)))
  }

  // MARK: The thread

  private func run() {
    // A write to a server that ended fails with EPIPE instead of ending this program.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var reading = ServerOutput(limits: limits)
    var end = MCPError.closed
    do {
      while try step(&reading) {}
    } catch {
      end = describeEnd(error, &reading)
    }
    for waiter in state.withLock({ $0.finish(end) }) { waiter.resume.resume(returning: .failure(end)) }
    process.end(grace: end == .closed ? limits.closeGrace : .zero)
    let closers = state.withLock { state in
      state.isGone = true
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }

  /// Waits for something to do and does it; false once the connection was closed on this side.
  private func step(_ reading: inout ServerOutput) throws(MCPError) -> Bool {
    let (isOver, hasOutput, nextDeadline) = state.withLock {
      ($0.end != nil, !$0.outbox.isEmpty, $0.waiters.values.map(\.deadline).min())
    }
    if isOver { return false }
    var descriptors = [
      pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: process.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: reading.errorsAreOpen ? process.errors : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: hasOutput ? process.input : -1, events: Int16(POLLOUT), revents: 0),
    ]
    poll(&descriptors, nfds_t(descriptors.count), Self.milliseconds(until: nextDeadline))
    wakeUp.clear()
    if descriptors[2].revents != 0 { reading.readErrors(from: process.errors) }
    if descriptors[1].revents != 0 { try receive(&reading) }
    if descriptors[3].revents != 0 { write() }
    expire()
    if descriptors[1].revents == 0, nextDeadline != nil { try checkLife() }
    return true
  }

  /// A process that left a child behind holds its output open, and still answers nothing any more.
  private func checkLife() throws(MCPError) {
    guard let how = process.exitDescription() else { return }
    var output = pollfd(fd: process.output, events: Int16(POLLIN), revents: 0)
    // What it wrote just before it ended is read first.
    if poll(&output, 1, 0) == 0 { throw .serverEnded(how: how, lastWords: "") }
  }

  private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = (deadline - .now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 200))
  }

  private func write() {
    state.withLock { state in
      let written = state.outbox.withUnsafeBytes { Glibc.write(process.input, $0.baseAddress, $0.count) }
      if written > 0 {
        state.outbox.removeFirst(written)
      } else if written < 0 && errno != EAGAIN && errno != EINTR {
        // The server closed its input. What it still has to say is read until it ends.
        state.outbox = []
      }
    }
  }

  private func receive(_ reading: inout ServerOutput) throws(MCPError) {
    for event in try reading.readMessages(from: process.output) {
      switch event {
      case .message(let message): try receive(message, &reading)
      case .stray:
        state.withLock { $0.counts.strayFrames += 1 }
        try reading.countUnasked()
      case .broken(let reason):
        // Whose answer it was cannot be told: everyone who waits hears of it rather than wait in vain.
        let waiters = state.withLock { state in
          state.counts.strayFrames += 1
          defer { state.waiters = [:] }
          return state.waiters
        }
        for waiter in waiters.values { waiter.resume.resume(returning: .failure(.malformed(reason: reason))) }
        try reading.countUnasked()
      }
    }
  }

  private func receive(_ message: RPCMessage, _ reading: inout ServerOutput) throws(MCPError) {
    let waiter = state.withLock { $0.take(message) }
    switch (waiter, message) {
    case (let waiter?, .result(_, let result)):
      reading.unasked = 0
      waiter.resume.resume(returning: .success(result))
    case (let waiter?, .failure(_, let fault)):
      reading.unasked = 0
      waiter.resume.resume(returning: .failure(.refused(method: waiter.method, fault)))
    case (_, .request(let request)):
      try reading.countUnasked()
      _ = enqueue(Self.frame(ServerRequests.answer(to: request)))
    default: try reading.countUnasked()
    }
  }

  private func expire() {
    let now = ContinuousClock.now
    let late = state.withLock { state in
      let late = state.waiters.filter { $0.value.deadline <= now }
      for id in late.keys { state.waiters[id] = nil }
      return late
    }
    for (id, waiter) in late {
      let error = MCPError.timeout(method: waiter.method)
      tellCancelled(id, waiter, error)
      waiter.resume.resume(returning: .failure(error))
    }
  }

  /// Adds to the end of the server's output how the server ended, which is known a moment later.
  private func describeEnd(_ error: MCPError, _ reading: inout ServerOutput) -> MCPError {
    guard case .serverEnded(var how, _) = error else { return error }
    for _ in 0..<100 {
      reading.readErrors(from: process.errors)
      if let exit = process.exitDescription() {
        how = exit
        break
      }
      usleep(2000)
    }
    reading.readErrors(from: process.errors)
    return .serverEnded(how: how, lastWords: reading.errors.lastWords)
  }
}

extension StdioTransport.State {
  /// Takes no request any more; returns who waits. The first reason stays.
  mutating func finish(_ reason: MCPError) -> [StdioTransport.Waiter] {
    if end == nil { end = reason }
    defer { waiters = [:] }
    return Array(waiters.values)
  }

  /// Counts the message, and returns who waits for it.
  mutating func take(_ message: RPCMessage) -> StdioTransport.Waiter? {
    var waiter: StdioTransport.Waiter?
    switch message {
    case .request: counts.requests += 1
    case .notification(let method, _): counts.count(notification: method)
    case .result(let id, _), .failure(let id?, _):
      waiter = waiters.removeValue(forKey: id)
      if waiter == nil { counts.unknownAnswers += 1 }
    case .failure(nil, _):
      // The server could not read a request's id. With one under way there is no doubt which.
      if waiters.count == 1, let id = waiters.keys.first { waiter = waiters.removeValue(forKey: id) }
      if waiter == nil { counts.unknownAnswers += 1 }
    }
    return waiter
  }
}
