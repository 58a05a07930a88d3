import AgentCore
import TrajectoryStore

/// The report of a training run: `report.html`, one file that needs nothing else and no network.
///
/// It answers, in this order: did it learn, what stands out, how did it go, what did the policy do, and how to do it
/// again. It also works on a run that is still going on or was killed.
public struct RunReport: Sendable {
  private let folder: RunFolder

  /// - Parameter runFolder: the folder of a run.
  public init(runFolder: String) { folder = RunFolder(runFolder) }

  /// - Parameter runFolder: the folder of a run.
  public init(runFolder: RunFolder) { folder = runFolder }

  /// Writes `report.html` into the run folder, replacing an older one as a whole.
  /// - Returns: its path.
  /// - Throws: `RunReportError` if a file of the run cannot be read or the report cannot be written, `StoreError` if the
  ///   trajectories cannot be read.
  @discardableResult
  public func write() async throws -> String {
    try RunFile.replace(folder.report, with: Array(try await html().utf8))
    return folder.report
  }

  /// The report's text.
  func html() async throws -> String {
    let record = try await RunRecord(folder: folder)
    let parts = SampleEpisodes.choose(record.episodes)
    var samples: [[SampleEpisode]] = []
    if !parts.isEmpty {
      let store = try TrajectoryStore(path: folder.trajectories, mode: .existing)
      samples = try await SampleEpisodes.load(parts, from: store)
    }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(folder.name) · agentrl</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'unsafe-inline'">
      <style>\(ReportStyle.css)</style></head><body><main>
      \(ReportHeader(record: record).html)
      \(ReportCurves(record: record).html)
      \(ReportEpisodes(titles: parts.map(\.title), samples: samples).html)
      \(ReportCommands(record: record, episode: samples.joined().first?.trajectory.id).html)
      </main><script>\(ReportStyle.script)</script></body></html>

      """
    return page.markup
  }
}
