import AgentCore
import ArgumentParser
import Sandbox
import TerminalOutput

/// `agentenv bench sandbox`
struct BenchSandbox: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Time sandboxed executions beside a bare interpreter, and bubblewrap where it is installed.",
    discussion: "The cases take turns in one run. The ratio is the compared case's median divided by this one's.")

  @Option(help: "Seconds for each case.")
  var seconds = 3.0

  @OptionGroup var sandbox: SandboxOptions
  @OptionGroup var output: JSONOption

  func run() async throws {
    guard seconds > 0, seconds <= 600 else { throw UsageError(description: "--seconds must be above 0 and up to 600") }
    var configuration = try sandbox.configuration()
    configuration.workers = max(2, configuration.workers)
    let sandbox = Sandbox(configuration)
    let rows = try await SandboxBenchmark(sandbox: sandbox).run(for: .seconds(seconds))
    let isolation = await sandbox.run(ExecutionRequest(language: "python", code: "")).isolation
    await sandbox.shutdown()
    if output.json {
      let json: JSONValue = ["isolation": isolation.json, "cases": .array(rows.map(\.json))]
      return Terminal.standardOutput.writeLine(json.serialized())
    }
    var table = TextTable([
      .left("CASE"), .right("PER SECOND"), .right("P50 MS"), .right("P99 MS"), .right("RATIO"), .left("TO"),
    ])
    for row in rows {
      table.add([
        row.name, NumberText.short(row.perSecond), Self.milliseconds(row.median), Self.milliseconds(row.percentile99),
        row.ratio.map { NumberText.short($0) } ?? "", row.comparedWith ?? "",
      ])
    }
    Terminal.standardOutput.writeLine(table.rendered(for: .standardOutput))
    Terminal.standardOutput.writeLine(
      "isolation: \(isolation.mode)\(isolation.degraded.isEmpty ? "" : " without \(isolation.degraded.joined(separator: ", "))")"
    )
  }

  private static func milliseconds(_ duration: Duration) -> String { NumberText.short(duration / .milliseconds(1)) }
}
