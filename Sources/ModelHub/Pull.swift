/// One call of `ModelHub.pull`, with everything it was given.
struct Pull: Sendable {
  let reference: RepositoryReference
  let selection: FileSelection
  let folder: String
  let access: HubAccess
  let limits: TransferLimits

  /// List, select, check the room, download, record.
  func fromHub(_ cancellation: CancellationFlag, _ meter: ProgressMeter) throws(ModelHubError) -> PulledModel {
    let connection = HTTPConnection(limits: limits, cancellation: cancellation)
    let client = try HubClient(access: access, reference: reference, connection: connection)
    let listing = try listing(from: client, cancellation, meter)
    let chosen = try selection.select(from: listing.files, repository: reference.name)
    try LocalFolder.create(folder)
    try checkRoom(for: chosen)

    meter.begin(fileCount: chosen.count, totalSize: Self.sum(chosen.map(\.size)))
    var recorded: [PullRecord.File] = []
    for file in chosen {
      let target = "\(folder)/\(file.path)"
      let download = FileDownload(
        client: client, file: file, revision: listing.commit ?? reference.revision, target: target, limits: limits,
        cancellation: cancellation, meter: meter)
      let checksum = try download.run()
      recorded.append(
        PullRecord.File(path: file.path, size: LocalFolder.sizeOfFile(target) ?? 0, checksum: checksum))
    }
    let record = PullRecord(
      endpoint: access.endpoint, repository: reference.name, revision: reference.revision, commit: listing.commit,
      files: recorded)
    try record.write(to: folder)
    return model(record)
  }

  /// What an earlier pull left, if it is all there.
  func fromFolder() throws(ModelHubError) -> PulledModel {
    guard
      let record = try PullRecord.read(from: folder), record.repository == reference.name,
      record.revision == reference.revision || record.commit == reference.revision,
      case let known = record.files.map({ HubFile(path: $0.path, size: $0.size, checksum: $0.checksum) }),
      (try? selection.select(from: known, repository: reference.name)) != nil,
      try record.isComplete(in: folder)
    else { throw .offline(repository: reference.name, revision: reference.revision, folder: folder) }
    return model(record)
  }

  private func model(_ record: PullRecord) -> PulledModel {
    PulledModel(
      repository: record.repository, revision: record.revision, commit: record.commit, folder: folder,
      files: record.files.map(\.path))
  }

  private func listing(
    from client: HubClient, _ cancellation: CancellationFlag, _ meter: ProgressMeter
  ) throws(ModelHubError) -> RepositoryListing {
    var retry = RetryLoop(url: access.endpoint, limits: limits, cancellation: cancellation, meter: meter)
    while true {
      meter.tell(.listing)
      do {
        return try client.listing()
      } catch {
        switch error {
        case .permanent(let reason): throw reason
        case .transient(let reason, let after): try retry.failed(reason: reason, after: after, newBytes: 0)
        }
      }
    }
  }

  /// Refuses before the first byte what the disk cannot hold.
  private func checkRoom(for files: [HubFile]) throws(ModelHubError) {
    guard let available = LocalFolder.availableBytes(folder) else { return }
    var needed = 0
    for file in files {
      guard let size = file.size else { continue }
      let target = "\(folder)/\(file.path)"
      // A present file of the same size is kept, or replaced after its successor is complete.
      if LocalFolder.sizeOfFile(target) == size { continue }
      let missing = max(0, size - (LocalFolder.sizeOfFile(target + ".part") ?? 0))
      needed = missing > Int.max - needed ? .max : needed + missing
    }
    guard needed <= available else {
      throw .diskFull(path: folder, neededBytes: needed, availableBytes: available)
    }
  }

  private static func sum(_ sizes: [Int?]) -> Int? {
    var total = 0
    for size in sizes {
      guard let size else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(size)
      guard !overflow else { return nil }
      total = sum
    }
    return total
  }
}
