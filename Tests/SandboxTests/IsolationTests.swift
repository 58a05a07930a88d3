import AgentCore
import Foundation
import Testing

@testable import Sandbox

/// What is promised where layers are missing: by force, so that every machine tests it.
@Suite struct IsolationTests {
  private static func sandbox(
    _ mode: IsolationMode, without layers: [String] = [], requiring requirement: IsolationRequirement = .required
  ) -> Sandbox {
    var configuration = SandboxConfiguration()
    configuration.mode = mode
    configuration.disabledLayers = layers
    configuration.isolation = requirement
    return Sandbox(configuration)
  }

  private static let hello = ExecutionRequest(language: "bash", code: "echo 1")

  @Test("mode full has nothing to hide", .enabled("no `full` here") { await Machine.gives(.full) })
  func full() async {
    let sandbox = Self.sandbox(.full, requiring: .full)
    let result = await sandbox.run(Self.hello)
    #expect(result.stdout == "1\n")
    #expect(result.isolation.mode == "full")
    await sandbox.shutdown()
  }

  @Test(
    "without namespaces programs run, and the result says what is weaker",
    .enabled("no isolation here") { await Machine.gives(.noNamespace) })
  func noNamespace() async throws {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-scratch-\(UUID())").path
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var configuration = SandboxConfiguration()
    configuration.mode = .noNamespace
    configuration.scratchFolder = scratch
    let sandbox = Sandbox(configuration)
    for language in ["bash", "python"] {
      let code = language == "bash" ? "echo 1; pwd > file; ls" : "print(1); open('file', 'w').write('x')"
      let result = await sandbox.run(
        ExecutionRequest(language: language, code: code, collect: ["file"]))
      #expect(result.status == .ok, "\(result.message ?? "") \(result.stderr)")
      #expect(result.stdout.hasPrefix("1\n"))
      #expect(result.files.count == 1)
      #expect(result.isolation.mode == "no-namespace")
      #expect(result.isolation.degraded.contains("metadata"))
      #expect(result.isolation.degraded.contains("hostname"))
    }
    await sandbox.shutdown()
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
  }

  @Test(
    "a missing control group is named",
    .enabled("no `full` here") { await Machine.gives(.full) })
  func noControlGroup() async {
    let sandbox = Self.sandbox(.full, without: ["cgroup"])
    let result = await sandbox.run(Self.hello)
    #expect(result.status == .ok, "\(result.message ?? "")")
    #expect(result.isolation.degraded.contains("memory:rlimit"))
    await sandbox.shutdown()
  }

  @Test(
    "without system-call notifications a violation has no name, and that is said",
    .enabled("no `full` here") { await Machine.gives(.full) })
  func noNotification() async {
    let sandbox = Self.sandbox(.full, without: ["notify"])
    let result = await sandbox.run(Self.hello)
    #expect(result.status == .ok, "\(result.message ?? "")")
    #expect(result.isolation.degraded.contains("violation:unnamed"))
    await sandbox.shutdown()
  }

  @Test(
    "neither namespaces nor Landlock is not enough, unless asked for",
    .enabled("no isolation here") {
      await Machine.gives(.noNamespace)
    })
  func noLandlock() async {
    let strict = Self.sandbox(.noNamespace, without: ["landlock"])
    let refused = await strict.run(Self.hello)
    #expect(refused.status == .sandboxUnavailable)
    #expect(refused.message?.contains("Landlock") == true)
    #expect(refused.stdout.isEmpty)
    await #expect(throws: SandboxError.self) { try await strict.start() }
    await #expect(throws: SandboxError.self) { try await strict.openSession(language: "bash") }
    let lenient = Self.sandbox(.noNamespace, without: ["landlock"], requiring: .bestEffort)
    let result = await lenient.run(Self.hello)
    #expect(result.stdout == "1\n", "\(result.message ?? "")")
    #expect(result.isolation.degraded.contains("landlock"))
    await lenient.shutdown()
  }

  @Test("what is required decides")
  func requirements() {
    #expect(IsolationRequirement.required.refusal(of: "full", degraded: ["landlock"]) == nil)
    #expect(IsolationRequirement.required.refusal(of: "no-namespace", degraded: ["metadata"]) == nil)
    #expect(IsolationRequirement.required.refusal(of: "no-namespace", degraded: ["landlock"]) != nil)
    #expect(IsolationRequirement.full.refusal(of: "no-namespace", degraded: [])?.contains("unshare") == true)
    #expect(IsolationRequirement.bestEffort.refusal(of: "no-namespace", degraded: ["landlock"]) == nil)
  }

  @Test("a probe's report is read; anything else is refused")
  func report() throws {
    let text = """
      {"isolation":"none","degraded":[],"layers":[{"name":"seccomp","present":false,"reason":"EINVAL",
      "open":"every system call","remedy":"a kernel with CONFIG_SECCOMP_FILTER","microseconds":12}]}
      """
    let report = try CapabilityReport(probeOutput: Array(text.utf8))
    #expect(report.mode == nil)
    #expect(report.layers.first?.duration == .microseconds(12))
    #expect(report.whyNone.contains("seccomp (EINVAL; a kernel with CONFIG_SECCOMP_FILTER)"))
    for text in ["", "{}", "[]", "{\"isolation\":\"full\",\"layers\":[{}]}"] {
      #expect(throws: JSONError.self) { try CapabilityReport(probeOutput: Array(text.utf8)) }
    }
  }
}
