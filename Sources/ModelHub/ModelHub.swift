/// Fetches models from a Hugging Face hub (or a server that answers like one) into a folder.
public enum ModelHub {
  /// Fetches the chosen files of a repository, all of one commit, and verifies each against the hub's checksum.
  ///
  /// Files that are in the folder and right are kept, partial ones resumed. The network is used on a thread of its
  /// own. Cancelling the task stops it within a second; what was downloaded stays and is resumed the next time.
  ///
  /// - Parameters:
  ///   - repository: `owner/name`, as in the hub's address.
  ///   - revision: A branch, tag or commit.
  ///   - folder: Created if missing. The repository's folder structure is kept below it.
  ///   - access: Which hub and whose token; nil reads `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE`.
  ///   - progress: Called on the download thread.
  /// - Throws: `ModelHubError`; the folder then has no incomplete file under a final name.
  public static func pull(
    repository: String, revision: String = "main", files: FileSelection = .policy, into folder: String,
    access: HubAccess? = nil, limits: TransferLimits = TransferLimits(),
    progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
  ) async throws(ModelHubError) -> PulledModel {
    let reference = try RepositoryReference(name: repository, revision: revision)
    let access = if let access { access } else { try HubAccess() }
    let pull = Pull(reference: reference, selection: files, folder: folder, access: access, limits: limits)
    return try await DownloadThread.run { cancellation in
      Result { () throws(ModelHubError) in
        let meter = ProgressMeter(report: progress)
        return access.isOffline ? try pull.fromFolder() : try pull.fromHub(cancellation, meter)
      }
    }.get()
  }
}

/// A model that is complete in a folder.
public struct PulledModel: Sendable, Equatable {
  public let repository: String
  /// As it was asked for.
  public let revision: String
  /// What the revision was at the time; nil if the hub does not say.
  public let commit: String?
  public let folder: String
  /// Paths below the folder.
  public let files: [String]

  /// What `--policy` takes: the folder, or the GGUF file if that is all the weights there are.
  public var policyPath: String {
    let gguf = files.filter { $0.lowercased().hasSuffix(".gguf") }
    guard gguf.count == 1, !files.contains(where: { $0.hasSuffix(".safetensors") }) else { return folder }
    return "\(folder)/\(gguf[0])"
  }
}
