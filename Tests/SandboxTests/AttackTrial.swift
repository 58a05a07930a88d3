import Foundation
import Sandbox
import Testing

/// One run of one attack, and everything that is looked at afterwards.
struct AttackTrial {
  var attack: AttackProgram
  var variant: String?
  var ground: AttackGround
  var host: AttackedHost

  /// What went wrong, in words; empty when the attack was withstood.
  func failures() async throws -> [String] {
    let expected = try await survey()
    let processes = ground.processes()
    var failures: [String] = []
    if attack.isSession {
      failures += try await attackSession()
    } else {
      let first = await ground.sandbox.run(try request)
      failures += judge(first)
      if attack.mustDiffer {
        let second = await ground.sandbox.run(try request)
        if second.stdout == first.stdout { failures.append("two runs printed the same: \(first.stdout)") }
      }
    }
    failures += host.damage()
    let found = try await survey()
    if found != expected { failures.append("the next run does not find a clean place: \(difference(expected, found))") }
    let added = await ground.processes(beyond: processes)
    if !added.isEmpty { failures.append("there are new processes on the host: \(added) in \(ground.family)") }
    return failures
  }

  // MARK: A program

  private var facts: [String] { host.facts + (variant.map { ["variant=\($0)"] } ?? []) }

  /// A compiler has no arguments from us: it gets what the attack needs as a macro.
  private var code: String {
    get throws {
      guard attack.isForCompiler else { return try attack.code }
      let value = variant == "HOST_FILE" ? host.file : variant ?? ""
      return "#define VARIANT \"\(value)\"\n" + attack.text
    }
  }

  private var request: ExecutionRequest {
    get throws {
      ExecutionRequest(
        language: attack.language, code: try code, arguments: facts,
        input: [UInt8](repeating: 0x78, count: attack.inputBytes), collect: attack.collect, limits: attack.limits)
    }
  }

  private func judge(_ result: ExecutionResult) -> [String] {
    var failures = evidence(in: [result], isWaived: isWaived(result))
    if attack.isForCompiler ? result.phase != .compile : !result.stdout.contains("TRIED") {
      failures.append("it was never tried: \(summary(result))")
    } else if !attack.statuses.contains(result.status) {
      failures.append("it ended otherwise than expected: \(summary(result))")
    }
    if !attack.mayHandOverFiles, !result.files.isEmpty {
      failures.append("files were handed over: \(result.files.map(\.name))")
    }
    if result.files.reduce(0, { $0 + $1.contents.count }) > attack.limits.collectedBytes {
      failures.append("more was collected than the limit allows")
    }
    let call = attack.violation == "variant" ? variant.map { String($0.prefix { $0 != " " }) } : attack.violation
    if let call, result.violation != call, !result.isolation.degraded.contains("violation:unnamed") {
      failures.append("the refused call is \(result.violation ?? "not named"), expected \(call)")
    }
    return failures
  }

  private func isWaived(_ result: ExecutionResult) -> Bool {
    attack.waiver.map { result.isolation.degraded.contains($0) } ?? false
  }

  /// Signs of success in what came out.
  private func evidence(in results: [ExecutionResult], isWaived: Bool) -> [String] {
    let outputs = results.flatMap { result in
      [result.stdout, result.stderr] + result.files.map { String(decoding: $0.contents, as: UTF8.self) }
    }
    let marks = outputs.flatMap { $0.split(separator: "\n") }.filter { $0.contains("ESCAPED: ") }
    return (isWaived ? [] : marks.prefix(5).map(String.init)) + host.leaks(in: outputs)
  }

  private func summary(_ result: ExecutionResult) -> String {
    "status \(result.status.rawValue), exit code \(result.exitCode.map(String.init) ?? "none"), signal "
      + "\(result.signal.map(String.init) ?? "none"), violation \(result.violation ?? "none"), "
      + "\(result.message ?? "no message"); stdout \(result.stdout.suffix(300)); stderr \(result.stderr.suffix(600))"
  }

  // MARK: A session

  /// Cells may fail and the session may be lost; each is answered, and a session that is new then works.
  private func attackSession() async throws -> [String] {
    let session = try await ground.sandbox.openSession(language: attack.language, limits: attack.limits)
    var results: [ExecutionResult] = []
    // A cell has no arguments of its own.
    let arguments = "import sys; sys.argv = ['attack'] + \(facts.map { "'\($0)'" })\n"
    for (index, cell) in try attack.cells.enumerated() {
      let code = index == 0 ? arguments + cell : cell
      results.append(await session.run(code, limits: attack.limits))
    }
    await session.close()
    let isWaived = results.contains { self.isWaived($0) }
    var failures = evidence(in: results, isWaived: isWaived)
    if !results[0].stdout.contains("TRIED"), !results[0].sessionLost {
      failures.append("it was never tried: \(summary(results[0]))")
    }
    for (index, result) in results.enumerated() where result.stdout.contains("FORGED") {
      failures.append("cell \(index + 1) has a forged output")
    }

    let next = try await ground.sandbox.openSession(language: attack.language, limits: attack.limits)
    let answer = await next.run("print(6 * 7)")
    if answer.status != .ok || answer.stdout != "42\n" {
      failures.append("the next session does not work: \(summary(answer))")
    }
    await next.close()
    return failures
  }

  // MARK: The next run

  /// What a program finds when it starts in the place where the attack runs.
  private func survey() async throws -> String {
    var limits = attack.limits
    limits.wall = .seconds(20)
    limits.cpu = nil
    limits.outputBytes = 256 << 10
    let code = try AttackProgram.survey(in: attack.language)
    let request = ExecutionRequest(language: attack.language, code: code, limits: limits)
    let result = await ground.sandbox.run(request)
    try #require(result.status == .ok, "nothing runs any more: \(summary(result))")
    return result.stdout
  }

  private func difference(_ expected: String, _ found: String) -> String {
    let (old, new) = (expected.split(separator: "\n"), found.split(separator: "\n"))
    return new.filter { !old.contains($0) }.prefix(3).joined(separator: " | ") + " instead of "
      + old.filter { !new.contains($0) }.prefix(3).joined(separator: " | ")
  }
}
