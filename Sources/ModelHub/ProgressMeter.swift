/// Counts what arrives and tells the caller. Used on the download thread alone.
final class ProgressMeter {
  private let report: @Sendable (PullProgress) -> Void
  private let clock = ContinuousClock()
  private var progress = PullProgress(
    activity: .listing, file: "", fileIndex: 0, fileCount: 0, fileBytes: 0, fileSize: nil, bytes: 0, totalSize: nil,
    bytesPerSecond: 0)
  /// Bytes of the files before the present one.
  private var finishedBytes = 0
  private var lastReport: ContinuousClock.Instant?
  private var window: (start: ContinuousClock.Instant, bytes: Int)?

  init(report: @escaping @Sendable (PullProgress) -> Void) { self.report = report }

  func begin(fileCount: Int, totalSize: Int?) {
    progress.fileCount = fileCount
    progress.totalSize = totalSize
  }

  func begin(file: HubFile) {
    finishedBytes += progress.fileBytes
    progress.file = file.path
    progress.fileIndex += 1
    progress.fileSize = file.size
    progress.fileBytes = 0
    window = nil
    lastReport = nil
  }

  /// The present file has that many bytes on the disk now.
  func advance(to fileBytes: Int) {
    let now = clock.now
    measureSpeed(newBytes: fileBytes - progress.fileBytes, now: now)
    progress.fileBytes = fileBytes
    progress.bytes = finishedBytes + fileBytes
    if let last = lastReport, now - last < .milliseconds(100) { return }
    tell(.downloading)
  }

  /// The present file's bytes jump, without having come over the network just now.
  func reset(to fileBytes: Int) {
    progress.fileBytes = fileBytes
    progress.bytes = finishedBytes + fileBytes
    window = nil
  }

  func tell(_ activity: PullProgress.Activity) {
    progress.activity = activity
    lastReport = clock.now
    report(progress)
  }

  /// Averages over half-second windows, each weighing half.
  private func measureSpeed(newBytes: Int, now: ContinuousClock.Instant) {
    guard let open = window else {
      window = (now, max(0, newBytes))
      return
    }
    let bytes = open.bytes + max(0, newBytes)
    let elapsed = now - open.start
    guard elapsed >= .milliseconds(500) else {
      window = (open.start, bytes)
      return
    }
    let speed = Double(bytes) / (elapsed / .seconds(1))
    progress.bytesPerSecond = progress.bytesPerSecond == 0 ? speed : (progress.bytesPerSecond + speed) / 2
    window = (now, 0)
  }
}
