import Foundation
import Glibc

/// Where slots without a mount namespace keep their work directories: one folder per process, one in it per slot.
final class ScratchFolder: Sendable {
  private static let prefix = "agentenv-sandbox-"

  /// `<parent>/agentenv-sandbox-<process>-<random>`
  let path: String

  /// Says where it will be; the folder is made with the first slot that needs one.
  init(in parent: String) {
    let random = UInt32.random(in: 0...UInt32.max)
    path = URL(fileURLWithPath: parent).appendingPathComponent("\(Self.prefix)\(getpid())-\(random)").path
    Self.removeLeftovers(in: parent)
  }

  deinit { remove() }

  /// Makes the folder of one slot. Run code may pass through its parent, not list it.
  func make(slot number: Int) throws(ChildProcessError) -> String {
    let folder = "\(path)/\(number)"
    for (path, mode) in [(path, mode_t(0o711)), (folder, mode_t(0o755))] where mkdir(path, mode) != 0 && errno != EEXIST
    {
      throw ChildProcessError(code: errno)
    }
    chmod(path, 0o711)
    return folder
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func remove(slot number: Int) {
    try? FileManager.default.removeItem(atPath: "\(path)/\(number)")
  }

  /// Folders of processes that were killed.
  private static func removeLeftovers(in parent: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
      let owner = name.dropFirst(prefix.count).prefix { $0 != "-" }
      guard let process = pid_t(owner), kill(process, 0) != 0, errno == ESRCH else { continue }
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
    }
  }
}
