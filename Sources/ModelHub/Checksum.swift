import AgentCore
import COpenSSL
import Glibc

/// What the hub says a file's bytes digest to.
enum Checksum: Equatable, Sendable, CustomStringConvertible {
  /// SHA-256 of the content: files in large-file storage.
  case sha256(String)
  /// Git's object name, SHA-1 over `blob <size>\0` and the content: all other files. It catches damage; that it no
  /// longer withstands an attacker is the hub's and TLS's concern.
  case gitBlob(String)

  /// 64 hexadecimal digits are a SHA-256, 40 a git object name, anything else nothing.
  init?(hexadecimal text: String) {
    let text = text.lowercased()
    let digits = Set("0123456789abcdef".utf8)
    guard text.utf8.allSatisfy(digits.contains) else { return nil }
    switch text.utf8.count {
    case 64: self = .sha256(text)
    case 40: self = .gitBlob(text)
    default: return nil
    }
  }

  /// The checksum in an `ETag` or `X-Linked-ETag` header, if it is one; weak tags are not.
  init?(entityTag: String) {
    guard entityTag.hasPrefix("\""), entityTag.hasSuffix("\""), entityTag.utf8.count > 2 else { return nil }
    self.init(hexadecimal: String(entityTag.dropFirst().dropLast()))
  }

  var digits: String {
    switch self {
    case .sha256(let digits), .gitBlob(let digits): digits
    }
  }

  var description: String {
    switch self {
    case .sha256(let digits): "sha256:\(digits)"
    case .gitBlob(let digits): "git:\(digits)"
    }
  }

  /// The same kind of checksum over a file's present bytes.
  func recomputed(over file: borrowing LocalFile) throws(ModelHubError) -> Checksum {
    switch self {
    case .sha256:
      let digest = ContentDigest()
      try file.readAll { digest.update($0) }
      return .sha256(digest.hexadecimal())
    case .gitBlob:
      guard let context = EVP_MD_CTX_new() else {
        throw .fileSystem(operation: "compute the checksum of", path: file.path, reason: "out of memory")
      }
      defer { EVP_MD_CTX_free(context) }
      let started = EVP_DigestInit_ex(context, EVP_sha1(), nil)
      precondition(started == 1, "libcrypto offers no SHA-1")
      let header = Array("blob \(try file.size())\0".utf8)
      EVP_DigestUpdate(context, header, header.count)
      try file.readAll { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      var digest = [UInt8](repeating: 0, count: 20)
      EVP_DigestFinal_ex(context, &digest, nil)
      let digits = Array("0123456789abcdef".utf8)
      let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      return .gitBlob(String(decoding: text, as: UTF8.self))
    }
  }
}
