import AgentCore
import Synchronization

/// Times executions beside what they stand in for, in one run: a bare interpreter, and bubblewrap where it is installed.
///
/// The cases take turns in short rounds, so that other load on the machine falls on all of them.
public struct SandboxBenchmark: Sendable {
  /// One case's times over all rounds.
  public struct Row: Sendable, Hashable {
    public var name: String
    public var workers: Int
    public var executions: Int
    public var perSecond: Double
    public var median: Duration
    public var percentile99: Duration
    /// The median of the case that it is compared with, divided by this one's: above 1 is faster.
    public var ratio: Double?
    public var comparedWith: String?
  }

  private struct Case: Sendable {
    let name: String
    let workers: Int
    /// Between two calls, as an agent thinks; not counted.
    var pause = Duration.zero
    var comparedWith: String?
    /// Does it once; false if it failed.
    let once: @Sendable () async -> Bool
  }

  private let sandbox: Sandbox
  private let rounds = 5

  public init(sandbox: Sandbox) { self.sandbox = sandbox }

  /// Runs all cases.
  /// - Parameter duration: of each case, over all rounds.
  /// - Throws: `SandboxError` if there is no sandbox here, or a case fails.
  public func run(for duration: Duration) async throws(SandboxError) -> [Row] {
    try await sandbox.prewarm("python", count: 2)
    try await sandbox.prewarm("bash", count: 1)
    let session = try await sandbox.openSession(language: "python")
    let cases = await cases(session)
    for one in cases where !(await one.once()) {
      throw .unavailable(reason: "`\(one.name)` failed: nothing is measured")
    }
    var times = cases.map { _ in Times() }
    for _ in 0..<rounds {
      for index in cases.indices { times[index].add(await Self.round(of: cases[index], for: duration / rounds)) }
    }
    await session.close()
    var rows = zip(cases, times).map { one, times in times.row(name: one.name, workers: one.workers) }
    for (index, one) in cases.enumerated() {
      guard let other = rows.first(where: { $0.name == one.comparedWith }) else { continue }
      rows[index].ratio = other.median / rows[index].median
      rows[index].comparedWith = other.name
    }
    return rows
  }

  // MARK: Cases

  private func cases(_ session: SandboxSession) async -> [Case] {
    let sandbox = sandbox
    let hello = ExecutionRequest(language: "python", code: "print(1)")
    let echo = ExecutionRequest(language: "bash", code: "echo 1")
    let python: @Sendable () async -> Bool = { await sandbox.run(hello).stdout == "1\n" }
    var cases = [
      Case(name: "python", workers: 1, comparedWith: Self.barePython, once: python),
      Case(
        name: "python, 5 ms between calls", workers: 1, pause: .milliseconds(5), comparedWith: Self.barePython,
        once: python),
      Case(name: "python, 2 workers", workers: 2, comparedWith: Self.barePython, once: python),
      Case(name: "python, cell of a session", workers: 1, comparedWith: Self.barePython) {
        await session.run("x = 1\nprint(x)").stdout == "1\n"
      },
      Case(name: "python, branch of a session", workers: 1) {
        guard let branch = try? await session.branch() else { return false }
        await branch.close()
        return true
      },
      Case(name: "bash", workers: 1, comparedWith: Self.bareBash) { await sandbox.run(echo).stdout == "1\n" },
    ]
    let interpreter = await sandbox.languages().first { $0.profile.name == "python" }?.program ?? "/usr/bin/python3"
    let arguments = [interpreter, "-I", "-S", "-c", "print(1)"]
    let shell = ["/bin/bash", "--noprofile", "--norc", "-c", "echo 1"]
    cases.append(Case(name: Self.barePython, workers: 1, once: Self.command(arguments)))
    cases.append(Case(name: Self.bareBash, workers: 1, once: Self.command(shell)))
    for path in ["/usr/bin/bwrap", "/usr/local/bin/bwrap"]
    where await Self.command([path, "--version"], "bubblewrap")() {
      cases.append(
        Case(
          name: "bubblewrap python3 -I -S", workers: 1, comparedWith: Self.barePython,
          once: Self.command(Self.bubblewrap(path) + arguments)))
      break
    }
    return cases
  }

  private static let barePython = "bare python3 -I -S"
  private static let bareBash = "bare bash"

  private static func bubblewrap(_ path: String) -> [String] {
    [
      path, "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
      "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs",
      "/tmp",
    ]
  }

  private static func command(_ arguments: [String], _ start: String = "1\n") -> @Sendable () async -> Bool {
    { await CommandOutput.capture(arguments, timeout: .seconds(20))?.text.hasPrefix(start) == true }
  }

  // MARK: Timing

  private struct Times: Sendable {
    var each: [Duration] = []
    var wall = Duration.zero

    mutating func add(_ other: Times) {
      each += other.each
      wall += other.wall
    }

    func row(name: String, workers: Int) -> Row {
      let sorted = each.sorted()
      return Row(
        name: name, workers: workers, executions: each.count, perSecond: Double(each.count) / (wall / .seconds(1)),
        median: sorted[sorted.count / 2], percentile99: sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }
  }

  private static func round(of one: Case, for duration: Duration) async -> Times {
    let begin = ContinuousClock.now
    var times = Times()
    await withTaskGroup(of: [Duration].self) { group in
      for _ in 0..<one.workers {
        group.addTask {
          var each: [Duration] = []
          repeat {
            if one.pause > .zero { try? await Task.sleep(for: one.pause) }
            let start = ContinuousClock.now
            _ = await one.once()
            each.append(.now - start)
          } while .now - begin < duration
          return each
        }
      }
      for await each in group { times.each += each }
    }
    times.wall = one.pause > .zero ? times.each.reduce(.zero, +) : .now - begin
    return times
  }
}

extension SandboxBenchmark.Row {
  public var json: JSONValue {
    [
      "name": .string(name), "workers": JSONValue(workers), "executions": JSONValue(executions),
      "per_second": .double(perSecond), "p50_ms": median.json, "p99_ms": percentile99.json,
      "ratio": ratio.map { .double($0) } ?? .null, "compared_with": comparedWith.map { .string($0) } ?? .null,
    ]
  }
}
