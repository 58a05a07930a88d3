import AgentCore
import ArgumentParser
import Foundation
import LanguageModel
import RunReports
import TerminalOutput

/// What this machine gives the trainer.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which kernels, threads and memory this machine gives the trainer.")

  @Flag(help: "Print JSON.")
  var json = false

  func run() {
    let threads = ComputeThreads()
    let facts: JSONObject = [
      "instruction_set": .string("\(threads.instructionSet)"),
      "threads": JSONValue(threads.count),
      "matrix_products": "own packed kernels, forward and backward (no BLAS is used or needed)",
      "dtype": "float32",
      "memory_bytes": JSONValue(Int(clamping: ProcessInfo.processInfo.physicalMemory)),
    ]
    if json { return print(JSONValue.object(facts).serialized()) }
    var table = TextTable([.left("this machine"), .left("")])
    for (name, value) in facts { table.add([name, value.stringValue ?? value.serialized()]) }
    print(table.rendered())
  }
}
