import AgentCore
import CChildProcess
import Glibc

/// A process that was started with exactly the files it is given, in a process group of its own.
struct ChildProcess: Sendable {
  let id: pid_t

  /// Starts a program.
  /// - Parameters:
  ///   - arguments: the first one is the program's absolute path.
  ///   - environment: `NAME=value`; nothing is inherited.
  ///   - files: the child's files from 0 on, each a file of this process or nil for `/dev/null`; all others are closed.
  /// - Throws: `ChildProcessError` if the program cannot be started.
  static func start(
    _ arguments: [String], environment: [String], files: [Int32?]
  ) throws(ChildProcessError) -> ChildProcess {
    guard !arguments.isEmpty else { throw ChildProcessError(code: EINVAL) }
    var id: pid_t = 0
    let code = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        acp_spawn(&id, arguments, environment, files.map { $0 ?? -1 }, Int32(files.count), nil)
      }
    }
    guard code == 0 else { throw ChildProcessError(code: code) }
    return ChildProcess(id: id)
  }

  /// Waits until the process has ended and frees its entry. Blocks.
  /// - Parameter grace: how long it may take before it and its group are killed.
  func reap(after grace: Duration) {
    if acp_wait(id, Int32(clamping: grace.wholeMicroseconds / 1000)) != 0 { return }
    kill(-id, SIGKILL)
    kill(id, SIGKILL)
    _ = acp_wait(id, Int32.max)
  }
}

/// Why a process, or a stream to one, could not be had.
struct ChildProcessError: Error, CustomStringConvertible {
  let code: Int32

  var description: String { String(cString: strerror(code)) }
}

/// Calls the closure with a NULL-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
  defer { pointers.deallocate() }
  for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
  pointers[strings.count] = nil
  defer { for index in strings.indices { free(pointers[index]) } }
  return body(pointers)
}
