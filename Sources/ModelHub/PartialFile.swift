/// A file on its way: `NAME.part`, locked, extended by ranges until it is whole and may have its name.
final class PartialFile: BodyReceiver {
  private let file: LocalFile
  private let remotePath: String
  private let expectedSize: Int?
  private let meter: ProgressMeter
  private(set) var count: Int
  /// The strong `ETag` of the version that the present bytes are of, where this pull saw it.
  private(set) var entityTag: String?
  /// The response that the present bytes go with, once its first byte came.
  private var responseOffset: Int?

  /// Opens (or creates) the partial file for a target and keeps what an earlier attempt left in it.
  init(for target: String, remote: HubFile, meter: ProgressMeter) throws(ModelHubError) {
    let path = target + ".part"
    file = try LocalFile.lockedForWriting(path)
    count = try file.size()
    remotePath = remote.path
    expectedSize = remote.size
    self.meter = meter
    if let expectedSize, count > expectedSize { try discard() }
    meter.reset(to: count)
  }

  var path: String { file.path }
  var isWhole: Bool { expectedSize == count }

  /// Forgets all bytes.
  func discard() throws(ModelHubError) {
    if try file.size() > 0 { try file.truncate(to: 0) }
    count = 0
    entityTag = nil
    meter.reset(to: 0)
  }

  /// Forgets all bytes and the file, which stays open but has no name any more.
  func remove() { LocalFolder.removeFile(file.path) }

  /// The next response is a new one: it may continue, or start over.
  func prepareForResponse() { responseOffset = nil }

  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) throws(ModelHubError) {
    if responseOffset == nil {
      let offset = response.status == 206 ? response.rangeStart ?? count : 0
      // A server that ignores the range starts over, and so do we; one that sends another range cannot be used.
      guard offset == 0 || offset == count else {
        throw .malformedAnswer(url: remotePath, reason: "asked for bytes from \(count), it sends those from \(offset)")
      }
      if offset == 0 { try discard() }
      responseOffset = offset
      entityTag = response.strongTag
    }
    if let expectedSize, count + bytes.count > expectedSize {
      let actual = count + bytes.count
      remove()
      throw .sizeMismatch(path: remotePath, expected: expectedSize, actual: actual)
    }
    do {
      try file.write(bytes, at: count)
    } catch {
      guard case .diskFull(let path, _, _) = error else { throw error }
      throw .diskFull(
        path: path, neededBytes: expectedSize.map { $0 - count },
        availableBytes: LocalFolder.availableBytes(LocalFolder.parent(of: path)))
    }
    count += bytes.count
    meter.advance(to: count)
  }

  func checksum(like expected: Checksum) throws(ModelHubError) -> Checksum { try expected.recomputed(over: file) }

  func publish(as target: String) throws(ModelHubError) { try file.publish(as: target) }
}
