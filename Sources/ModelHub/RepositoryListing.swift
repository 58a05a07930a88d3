import AgentCore

/// One file of a repository, as the hub lists it.
struct HubFile: Equatable, Sendable {
  /// Relative, `/`-separated, checked to stay inside the folder it is written to.
  let path: String
  /// Bytes; nil where the hub does not say.
  let size: Int?
  let checksum: Checksum?
}

/// What a repository holds at one commit.
struct RepositoryListing: Equatable, Sendable {
  /// The commit that the revision names now; downloads ask for it, so that all files are of one version.
  let commit: String?
  let files: [HubFile]

  /// Reads the answer to `GET /api/models/{name}/revision/{revision}?blobs=true`.
  ///
  /// - Throws: `malformedAnswer` if a needed field is missing or of the wrong kind, `unsafePath` for a file that would
  ///   leave the folder.
  init(json: JSONValue, repository: String, url: String) throws(ModelHubError) {
    guard let siblings = json["siblings"]?.arrayValue else {
      throw .malformedAnswer(url: url, reason: "it has no list of files ('siblings')")
    }
    var files: [HubFile] = []
    files.reserveCapacity(siblings.count)
    for (index, sibling) in siblings.enumerated() {
      guard let path = sibling["rfilename"]?.stringValue else {
        throw .malformedAnswer(url: url, reason: "siblings[\(index)] has no file name ('rfilename')")
      }
      guard Self.isSafe(path) else { throw .unsafePath(path: path, repository: repository) }
      files.append(HubFile(path: path, size: Self.size(of: sibling), checksum: Self.checksum(of: sibling)))
    }
    self.files = files
    let commit = json["sha"]?.stringValue
    self.commit = commit.flatMap { Self.isCommit($0) ? $0 : nil }
  }

  private static func size(of sibling: JSONValue) -> Int? {
    guard let size = sibling["lfs"]?["size"]?.intValue ?? sibling["size"]?.intValue, size >= 0 else { return nil }
    return size
  }

  private static func checksum(of sibling: JSONValue) -> Checksum? {
    if let lfs = sibling["lfs"], lfs != .null { return lfs["sha256"]?.stringValue.flatMap(Checksum.init(hexadecimal:)) }
    return sibling["blobId"]?.stringValue.flatMap(Checksum.init(hexadecimal:))
  }

  private static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40 && Checksum(hexadecimal: text) != nil
  }

  /// True for a relative path that names a file below the folder on any system, and nothing of our own.
  static func isSafe(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count <= 1024, path != PullRecord.fileName else { return false }
    guard path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }) else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
  }
}
