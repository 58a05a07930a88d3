/// How far a pull is; handed to the caller at most ten times a second and at every change of activity.
public struct PullProgress: Sendable, Equatable, CustomStringConvertible {
  /// What is going on right now.
  public enum Activity: Sendable, Equatable {
    /// Asking the hub what the repository holds.
    case listing
    case downloading
    /// Comparing the checksum of what arrived (or was there) with the hub's.
    case verifying
    /// The file was in the folder already, complete and right.
    case alreadyPresent
    /// Waiting before another attempt; `reason` says what went wrong.
    case retrying(reason: String, delay: Duration)
    /// The file is complete under its name.
    case fileFinished
  }

  public var activity: Activity
  /// Path in the repository; empty while listing.
  public var file: String
  /// Counts from 1; 0 while listing.
  public var fileIndex: Int
  public var fileCount: Int
  /// Bytes of this file that are on the disk, those of an earlier attempt included.
  public var fileBytes: Int
  /// Nil where the hub does not say.
  public var fileSize: Int?
  /// Bytes on the disk over all files.
  public var bytes: Int
  /// Bytes of all files together; nil if one of them is not known.
  public var totalSize: Int?
  /// Bytes a second over the last seconds; 0 until known.
  public var bytesPerSecond: Double

  /// Share of all bytes that are there, 0 to 1; nil if the total is not known.
  public var fractionCompleted: Double? {
    guard let totalSize else { return nil }
    return totalSize == 0 ? 1 : min(1, Double(bytes) / Double(totalSize))
  }

  /// At the present speed; nil if speed or total is not known.
  public var timeLeft: Duration? {
    guard let totalSize, bytesPerSecond > 0 else { return nil }
    return .seconds(Double(max(0, totalSize - bytes)) / bytesPerSecond)
  }

  /// One line for people, without a line break: `model.safetensors 120.4 MB of 269.1 MB, 12.3 MB/s, 13 s left`.
  public var description: String {
    let amount = fileSize.map { "\(ByteCount(fileBytes)) of \(ByteCount($0))" } ?? "\(ByteCount(fileBytes))"
    switch activity {
    case .listing: return "asking the hub for the list of files"
    case .verifying: return "\(file): verifying the checksum"
    case .alreadyPresent: return "\(file) is here already"
    case .fileFinished: return "\(file) complete, \(ByteCount(fileBytes))"
    case .retrying(let reason, let delay):
      let what = file.isEmpty ? "list of files" : "\(file) \(amount)"
      return "\(what): \(reason); next attempt in \(Self.wholeSeconds(delay)) s"
    case .downloading:
      guard bytesPerSecond > 0 else { return "\(file) \(amount)" }
      let left = timeLeft.map { ", \(Self.wholeSeconds($0)) s left" } ?? ""
      return "\(file) \(amount), \(ByteCount(Int(bytesPerSecond)))/s\(left)"
    }
  }

  private static func wholeSeconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return attoseconds > 0 ? seconds + 1 : seconds
  }
}
