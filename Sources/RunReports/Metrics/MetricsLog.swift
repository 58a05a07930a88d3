import AgentCore
import Glibc

/// The metrics of a run: `metrics.jsonl`, one flat JSON object a step, only ever appended to.
///
/// A row is one `write` and belongs to the kernel when `append` returns: a killed process loses at most the row it was
/// writing. What it had written of that row is dropped on reading and on reopening. (A power cut may cost the last rows
/// that the kernel had not yet put on the disk.)
public final class MetricsLog: Sendable {
  public let path: String
  private let descriptor: Int32

  /// Opens the log for appending, creating it if need be. A torn last line is cut off.
  public init(path: String) throws(RunReportError) {
    if let bytes = try RunFile.readIfPresent(path) {
      let complete = Self.completeLength(bytes)
      if complete < bytes.count { try RunFile.truncate(path, to: complete) }
    }
    self.path = path
    descriptor = try RunFile.openForAppending(path)
  }

  deinit { close(descriptor) }

  /// Appends one row.
  /// - Throws: `RunReportError.metric` with the key of a value that no log can hold; nothing is written then.
  @discardableResult
  public func append(_ fields: JSONObject) throws(RunReportError) -> MetricsRow {
    let row = try MetricsRow(fields)
    try RunFile.write(JSONValue.object(fields).serializedBytes() + [UInt8(ascii: "\n")], to: descriptor, path: path)
    return row
  }

  /// All rows in the order in which they were written; empty if there is no such file. A torn last line is left out.
  /// - Throws: `RunReportError.content` with the line that is no row.
  public static func read(path: String) throws(RunReportError) -> [MetricsRow] {
    try rows(of: try RunFile.readIfPresent(path) ?? [], path: path).map(\.row)
  }

  /// Cuts the log back to a checkpoint: the first row after step `step` of `phase`, and all that follow it, go.
  ///
  /// Do this before resuming, so that the log of a resumed run is that of an uninterrupted one.
  public static func truncate(path: String, after step: Int, of phase: RunPhase = .train) throws(RunReportError) {
    guard let bytes = try RunFile.readIfPresent(path) else { return }
    let rows = try rows(of: bytes, path: path)
    let first = rows.first { ($0.row.phase, $0.row.step) > (phase, step) }
    let length = first?.offset ?? completeLength(bytes)
    if length < bytes.count { try RunFile.truncate(path, to: length) }
  }

  private static func rows(
    of bytes: [UInt8], path: String
  ) throws(RunReportError) -> [(row: MetricsRow, offset: Int)] {
    var rows: [(row: MetricsRow, offset: Int)] = []
    let complete = bytes[..<completeLength(bytes)]
    var offset = 0
    var number = 0
    while let end = complete[offset...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      rows.append((try row(of: Array(complete[offset..<end]), path: path, line: number), offset))
      offset = end + 1
    }
    return rows
  }

  private static func row(of line: [UInt8], path: String, line number: Int) throws(RunReportError) -> MetricsRow {
    do throws(JSONError) {
      guard case .object(let fields) = try JSONValue(parsing: line) else {
        throw JSONError.value(reason: "expected an object", path: "")
      }
      do throws(RunReportError) {
        return try MetricsRow(fields)
      } catch {
        throw JSONError.value(reason: error.description, path: "")
      }
    } catch {
      throw .content(path: path, line: number, reason: "not a row of metrics: \(error)")
    }
  }

  /// The length up to and including the last line feed.
  private static func completeLength(_ bytes: [UInt8]) -> Int {
    bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
  }
}
