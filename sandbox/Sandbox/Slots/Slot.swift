import Glibc

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
