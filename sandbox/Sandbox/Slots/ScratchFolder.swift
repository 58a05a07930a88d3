import Foundation
import Glibc
import Synchronization

/// Where slots without a mount namespace keep their work directories: one folder per sandbox, one in it per slot.
///
/// The folder is locked as long as its owner lives, so that what a killed process has left behind can be told from what
/// another one uses, in whatever container that runs.
final class ScratchFolder: Sendable {
  private static let prefix = "agentenv-sandbox-"

  /// `<parent>/agentenv-sandbox-<process>-<random>`
  let path: String
  /// The open folder, once it is there; it holds the lock.
  private let lock = Mutex<Int32?>(nil)

  /// Says where it will be; the folder is made with the first slot that needs one.
  init(in parent: String) {
    let random = UInt32.random(in: 0...UInt32.max)
    path = URL(fileURLWithPath: parent).appendingPathComponent("\(Self.prefix)\(getpid())-\(random)").path
    Self.removeLeftovers(in: parent)
  }

  deinit { remove() }

  /// Makes the folder of one slot. Run code may pass through its parent, not list it.
  func make(slot number: Int) throws(ChildProcessError) -> String {
    try lock.withLock { lock throws(ChildProcessError) in
      if lock == nil { lock = try Self.makeLocked(path) }
    }
    let folder = "\(path)/\(number)"
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw ChildProcessError(code: errno) }
    return folder
  }

  func remove(slot number: Int) {
    try? FileManager.default.removeItem(atPath: "\(path)/\(number)")
  }

  /// Removes all of it; it is made again where a slot needs it.
  func remove() {
    lock.withLock { lock in
      guard let file = lock else { return }
      try? FileManager.default.removeItem(atPath: path)
      close(file)
      lock = nil
    }
  }

  private static func makeLocked(_ path: String) throws(ChildProcessError) -> Int32 {
    guard mkdir(path, 0o711) == 0, chmod(path, 0o711) == 0 else { throw ChildProcessError(code: errno) }
    let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0, flock(file, LOCK_EX | LOCK_NB) == 0 else { throw ChildProcessError(code: errno) }
    return file
  }

  /// Folders that nobody locks. One that was made just now may be about to be locked.
  private static func removeLeftovers(in parent: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
      let path = "\(parent)/\(name)"
      let file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard file >= 0 else { continue }
      defer { close(file) }
      var facts = stat()
      guard fstat(file, &facts) == 0, facts.st_mtim.tv_sec < time(nil) - 60, flock(file, LOCK_EX | LOCK_NB) == 0 else {
        continue
      }
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
