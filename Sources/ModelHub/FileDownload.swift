/// Brings one file: resumes, retries, verifies, then gives it its name.
struct FileDownload {
  let client: HubClient
  let file: HubFile
  /// The revision that is asked for, best a commit.
  let revision: String
  let target: String
  let limits: TransferLimits
  let cancellation: CancellationFlag
  let meter: ProgressMeter

  /// Returns the checksum that the file was verified against; nil if the hub told none.
  func run() throws(ModelHubError) -> Checksum? {
    meter.begin(file: file)
    if let present = try presentChecksum() {
      meter.tell(.alreadyPresent)
      return present
    }
    try LocalFolder.create(LocalFolder.parent(of: target))
    let part = try PartialFile(for: target, remote: file, meter: meter)
    // Without a checksum nothing could tell that an older download's bytes belong to this version.
    if file.checksum == nil { try part.discard() }
    let checksum = try download(into: part)
    try part.publish(as: target)
    meter.tell(.fileFinished)
    return checksum
  }

  /// The checksum of a file that is in the folder already and right.
  private func presentChecksum() throws(ModelHubError) -> Checksum? {
    guard let checksum = file.checksum, let size = LocalFolder.sizeOfFile(target), size == file.size ?? size else {
      return nil
    }
    guard let present = try LocalFile.existing(target) else { return nil }
    meter.reset(to: size)
    meter.tell(.verifying)
    return try checksum.recomputed(over: present) == checksum ? checksum : nil
  }

  /// Downloads and verifies; bytes that an earlier pull left get one chance, then the file is fetched from its start.
  private func download(into part: PartialFile) throws(ModelHubError) -> Checksum? {
    var mayBeStale = part.count > 0
    while true {
      let checksum = try transfer(into: part)
      if let size = file.size, part.count != size {
        part.remove()
        throw .sizeMismatch(path: file.path, expected: size, actual: part.count)
      }
      guard let checksum else { return nil }
      meter.tell(.verifying)
      let actual = try part.checksum(like: checksum)
      if actual == checksum { return checksum }
      guard mayBeStale else {
        part.remove()
        throw .checksumMismatch(path: file.path, expected: "\(checksum)", actual: "\(actual)")
      }
      mayBeStale = false
      try part.discard()
    }
  }

  /// Requests until the file is whole. Returns the checksum to hold it against.
  private func transfer(into part: PartialFile) throws(ModelHubError) -> Checksum? {
    let url = client.address(of: file.path, at: revision)
    var announced: Checksum?
    var retry = RetryLoop(url: url, limits: limits, cancellation: cancellation, meter: meter)
    while !(part.isWhole && part.count > 0) {
      if file.checksum == nil, part.entityTag == nil { try part.discard() }
      let before = part.count
      do {
        part.prepareForResponse()
        let response = try client.get(
          url, headers: rangeHeaders(for: part), file: file.path, receiver: part)
        announced = response.checksum
        if file.size == nil || part.isWhole { break }
        try retry.failed(reason: "the answer ended too early", after: nil, newBytes: part.count - before)
      } catch let failure as HubClient.Failure {
        try recover(from: failure, part: part, before: before, retry: &retry)
      } catch let error as ModelHubError {
        throw error
      } catch {
        preconditionFailure("undeclared error \(error)")
      }
    }
    return file.checksum ?? announced
  }

  private func recover(
    from failure: HubClient.Failure, part: PartialFile, before: Int, retry: inout RetryLoop
  ) throws(ModelHubError) {
    switch failure {
    case .transient(let reason, let after):
      try retry.failed(reason: reason, after: after, newBytes: part.count - before)
    case .permanent(.refused(_, 416, _)) where part.count > 0:
      // The server has no such range: what is here is of another version.
      try part.discard()
      try retry.failed(reason: "the partial file does not fit", after: .zero, newBytes: 0)
    case .permanent(let error): throw error
    }
  }

  /// Where only the server can tell whether the version is still the same, it is asked to.
  private func rangeHeaders(for part: PartialFile) -> [(name: String, value: String)] {
    guard part.count > 0 else { return [] }
    let range = ("Range", "bytes=\(part.count)-")
    guard file.checksum == nil, let tag = part.entityTag else { return [range] }
    return [range, ("If-Range", tag)]
  }
}
