/// Why a model could not be pulled: what, where and what to do about it.
public enum ModelHubError: Error, Sendable, Equatable {
  /// The repository is not written `owner/name`, or the revision or endpoint is no such thing.
  case invalidReference(what: String, value: String)
  /// The hub names a file that would land outside the folder.
  case unsafePath(path: String, repository: String)
  /// The hub wants to know who asks: the repository is gated or private.
  case authorizationRequired(repository: String, endpoint: String, tokenWasSent: Bool)
  /// The hub has no such repository (or hides it from whom it does not know).
  case repositoryNotFound(repository: String, endpoint: String, tokenWasSent: Bool)
  case revisionNotFound(repository: String, revision: String)
  case fileNotFound(path: String, repository: String, revision: String)
  /// Nothing in the repository matches; `available` are its files.
  case nothingSelected(repository: String, wanted: [String], available: [String])
  /// More than one GGUF file and no safetensors: the caller has to choose.
  case ambiguousWeights(repository: String, candidates: [String])
  /// `HF_HUB_OFFLINE` is set and the folder has no complete copy.
  case offline(repository: String, revision: String, folder: String)
  /// What arrived is not what the hub announced. The partial file was deleted.
  case checksumMismatch(path: String, expected: String, actual: String)
  /// A file is longer or shorter than the hub announced. The partial file was deleted.
  case sizeMismatch(path: String, expected: Int, actual: Int)
  /// The disk is full, or would be. Bytes; nil where the size is not known.
  case diskFull(path: String, neededBytes: Int?, availableBytes: Int?)
  case fileSystem(operation: String, path: String, reason: String)
  /// Another process holds the partial file's lock.
  case alreadyPulling(path: String)
  /// No usable answer after that many attempts in a row.
  case unreachable(url: String, reason: String, attempts: Int)
  /// The hub refused with a status that retrying does not change.
  case refused(url: String, status: Int, reason: String)
  /// The answer is not what a hub says there.
  case malformedAnswer(url: String, reason: String)
  case cancelled
}

extension ModelHubError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidReference(let what, let value): "'\(value)' is no \(what)"
    case .unsafePath(let path, let repository):
      "\(repository) lists the file '\(path)', which would be written outside the folder; refused"
    case .authorizationRequired(let repository, let endpoint, let tokenWasSent):
      tokenWasSent
        ? "\(repository) is gated and the token in HF_TOKEN has no access: ask for it at \(endpoint)/\(repository)"
        : "\(repository) is gated or private: get access at \(endpoint)/\(repository), then set HF_TOKEN"
    case .repositoryNotFound(let repository, let endpoint, let tokenWasSent):
      "\(endpoint) has no repository '\(repository)': check the name"
        + (tokenWasSent ? "" : ", or set HF_TOKEN if it is private")
    case .revisionNotFound(let repository, let revision): "\(repository) has no revision '\(revision)'"
    case .fileNotFound(let path, let repository, let revision):
      "\(repository) has no file '\(path)' at revision \(revision)"
    case .nothingSelected(let repository, let wanted, let available):
      "\(repository) has no file that matches \(wanted.joined(separator: ", ")); it has: "
        + Self.shortList(available)
    case .ambiguousWeights(let repository, let candidates):
      "\(repository) has \(candidates.count) GGUF files, choose one by name: \(Self.shortList(candidates))"
    case .offline(let repository, let revision, let folder):
      "HF_HUB_OFFLINE is set and \(folder) has no complete copy of \(repository) at \(revision): unset it and pull again"
    case .checksumMismatch(let path, let expected, let actual):
      "\(path) arrived damaged (checksum \(actual) instead of \(expected)) and was deleted: pull again, "
        + "and if it stays so the hub's copy or a proxy on the way is broken"
    case .sizeMismatch(let path, let expected, let actual):
      "\(path) has \(actual) bytes instead of \(expected) and was deleted: pull again"
    case .diskFull(let path, let needed, let available):
      "no room for \(path)"
        + (needed.map { ": needs \(ByteCount($0)) more" } ?? "")
        + (available.map { ", \(ByteCount($0)) are free" } ?? "")
        + "; free some space and pull again, what was downloaded is kept"
    case .fileSystem(let operation, let path, let reason): "cannot \(operation) \(path): \(reason)"
    case .alreadyPulling(let path): "another process is downloading \(path): wait for it, or stop it"
    case .unreachable(let url, let reason, let attempts):
      "no answer from \(url) after \(attempts) \(attempts == 1 ? "attempt" : "attempts"): \(reason); "
        + "what was downloaded is kept, pull again to go on"
    case .refused(let url, let status, let reason):
      "\(url) answered \(status)\(reason.isEmpty ? "" : " (\(reason))")"
    case .malformedAnswer(let url, let reason): "\(url) does not answer like a hub: \(reason)"
    case .cancelled: "cancelled; what was downloaded is kept"
    }
  }

  private static func shortList(_ names: [String]) -> String {
    let shown = names.prefix(12).joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }
}
