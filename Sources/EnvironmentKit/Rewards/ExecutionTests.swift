import AgentCore
import AgentTools

/// A task's tests, from its payload:
///
/// ```json
/// {"tests": [{"input": "2 3\n", "output": "5"}]}
/// {"test_code": "assert add(2, 3) == 5"}
/// {"test_code": ["assert add(2, 3) == 5", "assert add(0, 0) == 0"], "test_setup": "import math"}
/// {"test_code": "def check(candidate): assert candidate(2, 3) == 5", "entry_point": "add"}
/// ```
///
/// Both kinds may be given. `mutates_arguments: true` lets tests see what a call does to the data that it is passed.
struct ExecutionTests {
  var output: OutputTests?
  var assertions: AssertionTests?

  init(_ task: EnvironmentTask, settings: ExecutionSettings) throws {
    func bad(_ reason: String) -> EnvironmentError { .badTask(id: task.id, reason: reason) }
    if let cases = task.payload["tests"] {
      guard let cases = cases.arrayValue, !cases.isEmpty else { throw bad("`tests` is no list of cases") }
      let read = try cases.enumerated().map { index, value in
        guard let input = value["input"]?.stringValue ?? (value["input"] == nil ? "" : nil),
          let output = value["output"]?.stringValue
        else { throw bad("`tests[\(index)]` needs texts `input` and `output`") }
        return OutputTests.Case(input: input, output: output)
      }
      output = OutputTests(cases: read, comparison: settings.comparison, language: settings.language)
    }
    if let code = task.payload["test_code"] {
      let codes = code.stringValue.map { [$0] } ?? code.arrayValue?.compactMap(\.stringValue) ?? []
      guard !codes.isEmpty, codes.count == code.arrayValue?.count ?? 1 else {
        throw bad("`test_code` is no text and no list of texts")
      }
      guard settings.language == "python" else { throw bad("`test_code` tests Python, not \(settings.language)") }
      assertions = AssertionTests(
        codes: codes, setup: try Self.text("test_setup", task) ?? "", entryPoint: try Self.text("entry_point", task),
        showsMutations: task.payload["mutates_arguments"]?.boolValue ?? false)
    }
    guard output != nil || assertions != nil else { throw bad("its payload has no `tests` and no `test_code`") }
  }

  private static func text(_ key: String, _ task: EnvironmentTask) throws -> String? {
    guard let value = task.payload[key], value != .null else { return nil }
    guard let text = value.stringValue else {
      throw EnvironmentError.badTask(id: task.id, reason: "`\(key)` is no text")
    }
    return text
  }
}
