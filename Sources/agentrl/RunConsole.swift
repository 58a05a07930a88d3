@preconcurrency import Dispatch
import Foundation
import PolicyOptimization
import RunReports
import Synchronization

/// Shows a run to the person who started it: notes, and one line of progress that is redrawn in place.
final class RunConsole: Sendable {
  private let progress = Mutex(ProgressLine())

  /// Shows what a run tells.
  var show: @Sendable (RunEvent) -> Void {
    { [self] event in
      switch event {
      case .note(let text): note(text)
      case .step(let row, let totalSteps):
        progress.withLock { $0.update(RunProgress(row, totalSteps: totalSteps)) }
      }
    }
  }

  /// Prints a line of its own.
  func note(_ text: String) { progress.withLock { $0.note(text) } }

  /// Leaves the progress line as it stands.
  func finish() { progress.withLock { $0.endLine() } }
}

/// Raised by the first Ctrl-C or SIGTERM, so that a run can stop at the end of its step. A second one ends the program.
final class StopSignal: Sendable {
  private let raised = Atomic(false)
  private let sources: [any DispatchSourceSignal]

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  init() {
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      sources.append(DispatchSource.makeSignalSource(signal: number, queue: .global()))
    }
    self.sources = sources
    for (number, source) in zip([SIGINT, SIGTERM], sources) {
      source.setEventHandler { [self] in
        if raised.exchange(true, ordering: .relaxed) { exit(130) }
        signal(number, SIG_IGN)
        FileHandle.standardError.write(Data("\nstopping after this step (again to stop at once)\n".utf8))
      }
      source.resume()
    }
  }
}
