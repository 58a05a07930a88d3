import AgentCore
import Glibc

/// What a folder was pulled from, written beside the files as `.hub.json`: a run can name its policy's exact origin,
/// and a pull without a network can tell whether the folder is complete.
struct PullRecord: Equatable {
  static let fileName = ".hub.json"

  struct File: Equatable {
    let path: String
    let size: Int
    let checksum: Checksum?
  }

  let endpoint: String
  let repository: String
  let revision: String
  let commit: String?
  let files: [File]

  var json: JSONValue {
    .object([
      "format": "agentrl.pull/1",
      "endpoint": .string(endpoint),
      "repository": .string(repository),
      "revision": .string(revision),
      "commit": commit.map(JSONValue.string) ?? .null,
      "files": .array(
        files.map { file in
          .object([
            "path": .string(file.path), "size": .int(Int64(file.size)),
            "checksum": file.checksum.map { .string($0.digits) } ?? .null,
          ])
        }),
    ])
  }

  /// Nil for anything but a record that this version wrote.
  init?(json: JSONValue) {
    guard
      json["format"] == "agentrl.pull/1", let endpoint = json["endpoint"]?.stringValue,
      let repository = json["repository"]?.stringValue, let revision = json["revision"]?.stringValue,
      let files = json["files"]?.arrayValue
    else { return nil }
    self.endpoint = endpoint
    self.repository = repository
    self.revision = revision
    commit = json["commit"]?.stringValue
    var read: [File] = []
    for file in files {
      guard
        let path = file["path"]?.stringValue, RepositoryListing.isSafe(path), let size = file["size"]?.intValue
      else { return nil }
      read.append(
        File(path: path, size: size, checksum: file["checksum"]?.stringValue.flatMap(Checksum.init(hexadecimal:))))
    }
    self.files = read
  }

  init(endpoint: String, repository: String, revision: String, commit: String?, files: [File]) {
    self.endpoint = endpoint
    self.repository = repository
    self.revision = revision
    self.commit = commit
    self.files = files
  }

  /// The record in a folder; nil if there is none that can be read.
  static func read(from folder: String) throws(ModelHubError) -> PullRecord? {
    guard let file = try LocalFile.existing("\(folder)/\(fileName)") else { return nil }
    var bytes: [UInt8] = []
    try file.readAll { bytes.append(contentsOf: $0) }
    guard let json = try? JSONValue(parsing: bytes) else { return nil }
    return PullRecord(json: json)
  }

  func write(to folder: String) throws(ModelHubError) {
    let file = try LocalFile.lockedForWriting("\(folder)/\(Self.fileName).part")
    let bytes = json.serializedBytes() + [UInt8(ascii: "\n")]
    try file.truncate(to: 0)
    let written = bytes.withUnsafeBytes { buffer in
      Result { () throws(ModelHubError) in try file.write(buffer, at: 0) }
    }
    try written.get()
    try file.publish(as: "\(folder)/\(Self.fileName)")
  }

  /// True if every file is in the folder with its size and checksum.
  func isComplete(in folder: String) throws(ModelHubError) -> Bool {
    for file in files {
      let path = "\(folder)/\(file.path)"
      guard LocalFolder.sizeOfFile(path) == file.size, let local = try LocalFile.existing(path) else { return false }
      if let checksum = file.checksum, try checksum.recomputed(over: local) != checksum { return false }
    }
    return true
  }
}
