import CChildProcess
import Foundation
import Glibc

/// A server's process: spawned in a process group of its own, with only the environment that it is given.
struct ServerProcess {
  let pid: pid_t
  /// Our ends of its standard input, output and error; none of them blocks.
  let input: Int32
  let output: Int32
  let errors: Int32
  /// A variable that the process and everything that it starts carry, by which they are found at the end.
  private let marker: String

  /// Variables that a program needs to find its parts; nothing else of our environment (keys, tokens) is handed on.
  static let inheritedVariables = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "TMPDIR", "TZ",
  ]

  /// - Parameters:
  ///   - command: the program, looked up in `PATH` unless it holds a `/`, and its arguments.
  ///   - folder: its working directory; nil for ours.
  static func start(
    _ command: [String], environment: [String: String], folder: String?
  ) throws(MCPError) -> ServerProcess {
    guard let program = command.first, !program.isEmpty else {
      throw .cannotStart(command: "", reason: "the command is empty")
    }
    if let folder, access(folder, X_OK) != 0 {
      throw .cannotStart(command: program, reason: "its folder \(folder) cannot be entered")
    }
    let marker = "AGENTENV_MCP_SERVER=\(UUID().uuidString)"
    let inherited = ProcessInfo.processInfo.environment.filter { inheritedVariables.contains($0.key) }
    let variables = inherited.merging(environment) { _, given in given }
    let pipes = try openPipes(program)
    let theirs = [pipes[0].read, pipes[1].write, pipes[2].write]
    let ours = [pipes[0].write, pipes[1].read, pipes[2].read]
    var pid: pid_t = 0
    let code = spawn(&pid, command, variables.map { "\($0)=\($1)" }.sorted() + [marker], theirs, folder)
    for descriptor in theirs { close(descriptor) }
    guard code == 0 else {
      for descriptor in ours { close(descriptor) }
      throw .cannotStart(command: program, reason: String(cString: strerror(code)))
    }
    for descriptor in ours { _ = acp_set_nonblocking(descriptor) }
    return ServerProcess(pid: pid, input: ours[0], output: ours[1], errors: ours[2], marker: marker)
  }

  private static func openPipes(_ program: String) throws(MCPError) -> [(read: Int32, write: Int32)] {
    var pipes: [(read: Int32, write: Int32)] = []
    for _ in 0..<3 {
      var ends: [Int32] = [-1, -1]
      let code = acp_pipe(&ends, 0)
      guard code == 0 else {
        for descriptor in pipes.flatMap({ [$0.read, $0.write] }) { close(descriptor) }
        throw .cannotStart(command: program, reason: "no pipe: \(String(cString: strerror(code)))")
      }
      pipes.append((ends[0], ends[1]))
    }
    return pipes
  }

  /// Returns 0 or an `errno`.
  private static func spawn(
    _ pid: inout pid_t, _ command: [String], _ environment: [String], _ standard: [Int32], _ folder: String?
  ) -> Int32 {
    let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    return acp_spawn(&pid, arguments, variables, standard, Int32(standard.count), folder)
  }
}

// MARK: - Ending

extension ServerProcess {
  /// How the process ended, e.g. `exit status 1`; nil while it runs. Leaves the process to be reaped.
  func exitDescription() -> String? {
    var information = siginfo_t()
    guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0, information.si_signo != 0 else {
      return nil
    }
    let status = information._sifields._sigchld.si_status
    return information.si_code == CLD_EXITED ? "exit status \(status)" : "signal \(status)"
  }

  /// Closes the server's input, gives it `grace` to end, then kills it with everything that it started; reaps it and
  /// closes our ends. Blocks.
  func end(grace: Duration) {
    close(input)
    if !hasExited(within: grace) {
      kill(-pid, SIGTERM)
      _ = hasExited(within: .milliseconds(300))
    }
    // The leader is not reaped yet, so that neither its id nor its group's can belong to anybody else.
    kill(-pid, SIGKILL)
    killStrays()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    close(output)
    close(errors)
  }

  private func hasExited(within time: Duration) -> Bool {
    let end = ContinuousClock.now + time
    var scrap = [UInt8](repeating: 0, count: 1 << 16)
    while exitDescription() == nil {
      guard ContinuousClock.now < end else { return false }
      // A server that is stuck writing cannot end.
      var descriptors = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      ]
      poll(&descriptors, 2, 5)
      var isIdle = true
      for descriptor in descriptors where descriptor.revents != 0 {
        if read(descriptor.fd, &scrap, scrap.count) > 0 { isIdle = false }
      }
      if isIdle { usleep(2000) }
    }
    return true
  }

  /// Kills what left the process group (with `setsid`, as daemons do) and still carries the marker.
  private func killStrays() {
    let own = getpid()
    // Twice: a process may have been starting another while it was found.
    for _ in 0..<2 {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return }
      var found = false
      for other in names.compactMap(pid_t.init) where other != own && other != pid {
        guard let environment = FileManager.default.contents(atPath: "/proc/\(other)/environ"),
          environment.range(of: Data(marker.utf8)) != nil
        else { continue }
        kill(other, SIGKILL)
        found = true
      }
      if !found { return }
    }
  }
}
