import ArgumentParser

/// Measures speed on this machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed on this machine.", subcommands: [BenchSandbox.self])
}
