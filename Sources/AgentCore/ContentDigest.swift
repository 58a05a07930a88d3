import COpenSSL

/// SHA-256, over bytes that arrive piece by piece. Written `sha256:` + 64 hexadecimal digits.
public struct ContentDigest: ~Copyable {
  private let context: OpaquePointer?

  /// Starts an empty digest.
  public init() {
    context = EVP_MD_CTX_new()
    let ready = EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(ready == 1, "libcrypto offers no SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Appends bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Appends the UTF-8 bytes of a text.
  public func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The 64 hexadecimal digits of everything appended.
  public consuming func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest with its name, as it is recorded: `sha256:…`.
  public consuming func finalized() -> String { "sha256:\(hexadecimal())" }

  /// The digest of a text.
  public static func of(_ text: String) -> String {
    let digest = ContentDigest()
    digest.update(text)
    return digest.finalized()
  }

  /// The digest of bytes.
  public static func of(_ bytes: [UInt8]) -> String {
    let digest = ContentDigest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finalized()
  }
}
