/// A repository and a revision (branch, tag or commit) of it.
struct RepositoryReference: Equatable, Sendable {
  let name: String
  let revision: String

  /// - Throws: `invalidReference` unless the name is `owner/name` (or a bare name, as the oldest models have) in the
  ///   hub's alphabet, and the revision could be one of git's.
  init(name: String, revision: String) throws(ModelHubError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName), !name.contains("--"), !name.contains("..")
    else { throw .invalidReference(what: "repository, which is written owner/name", value: name) }
    guard
      !revision.isEmpty, revision.utf8.count <= 255, !revision.contains(".."),
      revision.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") })
    else { throw .invalidReference(what: "revision", value: revision) }
    self.name = name
    self.revision = revision
  }

  private static func isName(_ part: Substring) -> Bool {
    guard let first = part.utf8.first, part.utf8.count <= 96 else { return false }
    return isAlphanumeric(first)
      && part.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
