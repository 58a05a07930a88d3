import AgentCore
import Glibc

/// Why nothing came back from a slot.
enum SlotFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case cannotStart(String)
  /// The slot's process ended, or said that it gives up.
  case ended(String)
  /// The slot's process had ended before the whole request reached it: nothing of it was run.
  case unsent(String)
  case silent
  case closed

  var description: String {
    switch self {
    case .cannotStart(let reason): "a sandbox slot cannot be started: \(reason)"
    case .ended(let reason), .unsent(let reason): "the sandbox slot ended: \(reason)"
    case .silent: "the sandbox slot did not answer in time and was ended"
    case .closed: "the sandbox is shut down"
    }
  }
}

/// One end of the stream to a slot. Belongs to the slot's thread; every wait also ends when the bell rings.
struct SlotSocket: ~Copyable {
  private let file: Int32
  private let bell: Bell
  private var reader = FrameReader()

  init(file: Int32, bell: Bell) {
    self.file = file
    self.bell = bell
  }

  deinit { close(file) }

  /// What a wait came to.
  enum Event: Sendable {
    case reply(SlotReply)
    case bell
    case deadline
  }

  /// Sends a whole frame.
  func send(_ request: SlotRequest, until end: ContinuousClock.Instant) throws(SlotFailure) {
    let bytes = request.frame.encoded
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        Glibc.send(
          file, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        if try wait(for: POLLOUT, heedingBell: false, until: end) == .deadline { throw .silent }
      } else if errno != EINTR {
        throw .unsent("its stream broke while a request was sent (\(String(cString: strerror(errno))))")
      }
    }
  }

  /// Waits for a reply, for the bell or for the deadline, whichever comes first; nil waits without end.
  mutating func next(until end: ContinuousClock.Instant?) throws(SlotFailure) -> Event {
    while true {
      if let frame = try frame() { return .reply(frame) }
      switch try wait(for: POLLIN, heedingBell: true, until: end) {
      case .bell: return .bell
      case .deadline: return .deadline
      case .ready: try receive()
      }
    }
  }

  private mutating func frame() throws(SlotFailure) -> SlotReply? {
    do {
      return try reader.next().map { frame throws(WireError) in try SlotReply(frame) }
    } catch {
      throw .ended("it sent \(error)")
    }
  }

  private mutating func receive() throws(SlotFailure) {
    let failure: SlotFailure? = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      let count = recv(file, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return nil
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return nil }
      return .ended("its stream closed")
    }
    if let failure { throw failure }
  }

  private enum Readiness { case ready, bell, deadline }

  private func wait(
    for event: Int32, heedingBell: Bool, until end: ContinuousClock.Instant?
  ) throws(SlotFailure) -> Readiness {
    while true {
      var events = [
        pollfd(fd: file, events: Int16(event), revents: 0),
        pollfd(fd: heedingBell ? bell.file : -1, events: Int16(POLLIN), revents: 0),
      ]
      var timeout: Int32 = -1
      if let end {
        let left = end - .now
        if left <= .zero { return .deadline }
        timeout = Int32(clamping: left.wholeMicroseconds / 1000 + 1)
      }
      let count = poll(&events, 2, timeout)
      if count < 0, errno != EINTR { throw .ended("poll failed (\(String(cString: strerror(errno))))") }
      if events[1].revents != 0, count > 0 {
        bell.clear()
        return .bell
      }
      if events[0].revents != 0, count > 0 { return .ready }
    }
  }
}
