import CCurl
import Foundation
import Synchronization

/// The thread on which all transfers of the process run, side by side, over connections that are kept for the next one.
///
/// Nothing on it waits for a caller: what arrives goes into each transfer's own queue.
final class TransferLoop: Sendable {
  private enum Command {
    case start(TransferJob)
    case cancel(TransferJob)
    case resume(TransferJob)
  }

  /// Nil if libcurl cannot be initialised. Starts with the first request and stays.
  static let shared = TransferLoop()

  private static let keptConnections = 128

  private let inbox = Mutex<[Command]>([])
  // Used by the thread alone, but for curl_multi_wakeup, which libcurl allows from any thread.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  private init?() {
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init() else { return nil }
    // By itself libcurl keeps four for each transfer under way: hardly any between two requests.
    guard acurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.keptConnections) == CURLM_OK else { return nil }
    self.multi = multi
    let thread = Thread { [self] in run() }
    thread.name = "web-transfer"
    thread.start()
  }

  func start(_ job: TransferJob) { post(.start(job)) }

  /// Ends the transfer, if it has not ended; the job's queue says `cancelled` at once.
  func cancel(_ job: TransferJob) {
    job.queue.finish(.cancelled)
    post(.cancel(job))
  }

  /// Goes on with a transfer that its full queue has paused.
  func resume(_ job: TransferJob) { post(.resume(job)) }

  private func post(_ command: Command) {
    inbox.withLock { $0.append(command) }
    curl_multi_wakeup(multi)
  }

  // MARK: - The thread

  private func run() {
    var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    while true {
      let commands = inbox.withLock { inbox in
        defer { inbox = [] }
        return inbox
      }
      for command in commands { carryOut(command, &transfers) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var left: Int32 = 0
      while let message = curl_multi_info_read(multi, &left) {
        guard message.pointee.msg == CURLMSG_DONE, let curl = message.pointee.easy_handle else { continue }
        let code = message.pointee.data.result
        remove(curl, from: &transfers)?.finish(code)
      }
      let wait = endOverdue(&transfers)
      curl_multi_poll(multi, nil, 0, Int32(clamping: wait.clampedMilliseconds), nil)
    }
  }

  private func carryOut(_ command: Command, _ transfers: inout [UnsafeMutableRawPointer: Transfer]) {
    switch command {
    case .start(let job):
      guard !job.queue.isOver else { return }
      do {
        let transfer = try Transfer(job)
        guard curl_multi_add_handle(multi, transfer.curl) == CURLM_OK else {
          return job.queue.finish(.unavailable(reason: "libcurl takes no further transfer"))
        }
        transfers[transfer.curl] = transfer
      } catch {
        job.queue.finish(error)
      }
    case .cancel(let job):
      guard let transfer = transfers.values.first(where: { $0.job === job }) else { return }
      remove(transfer.curl, from: &transfers)
    case .resume(let job): transfers.values.first { $0.job === job }?.resume()
    }
  }

  @discardableResult
  private func remove(
    _ curl: UnsafeMutableRawPointer, from transfers: inout [UnsafeMutableRawPointer: Transfer]
  ) -> Transfer? {
    curl_multi_remove_handle(multi, curl)
    return transfers.removeValue(forKey: curl)
  }

  /// Ends the transfers that have reached a limit. Returns how long the next one has.
  private func endOverdue(_ transfers: inout [UnsafeMutableRawPointer: Transfer]) -> Duration {
    let now = ContinuousClock.now
    for transfer in Array(transfers.values) {
      guard let error = transfer.overdue(at: now) else { continue }
      remove(transfer.curl, from: &transfers)
      transfer.finish(error)
    }
    return transfers.values.map { $0.due - now }.min() ?? .seconds(60)
  }
}
