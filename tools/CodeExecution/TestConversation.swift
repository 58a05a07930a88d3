import AgentCore

/// Carries messages between the tests and the solution, until the tests give their verdict.
///
/// A message is a line of base64 that nobody here reads. Whatever the solution's end says is passed on as its answer;
/// only the tests' end can give a verdict.
struct TestConversation {
  let tests: CodeTestSession
  let solution: CodeTestSession

  struct Verdict {
    var isPassed: Bool
    var reason: String
  }

  /// Questions and answers of one test.
  private static let maxMessages = 20_000

  /// - Parameter time: that both ends together may run.
  /// - Throws: `CodeTestFailure` if the solution's end says nothing more.
  func verdict(onTest index: Int, within time: Duration) async throws -> Verdict {
    var left = time
    func ask(_ end: CodeTestSession, _ expression: String) async throws -> String {
      let (said, time) = try await end.say(expression, within: left)
      left -= time
      return said
    }
    var said = try await ask(tests, "peer.run(\(index))")
    for _ in 0..<Self.maxMessages {
      let kind = said.prefix(2)
      let message = String(said.dropFirst(2))
      if kind == "V " { return try Self.verdict(message) }
      guard kind == "M " else { throw CodeTestFailure.solution(reason: "the tests came to no verdict") }
      let answer = try await ask(solution, "peer.deliver('\(message)')")
      guard left > .zero else { throw CodeTestFailure.solution(reason: "the test took longer than \(time)") }
      guard answer.utf8.allSatisfy(Self.isBase64) else {
        throw CodeTestFailure.solution(reason: "the solution's answer is no message")
      }
      said = try await ask(tests, "peer.deliver('\(answer)')")
    }
    throw CodeTestFailure.solution(reason: "more than \(Self.maxMessages) calls in one test")
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
      true
    default: false
    }
  }

  private static func verdict(_ message: String) throws -> Verdict {
    guard let fields = CodeTestSession.json(message)?.arrayValue, fields.count == 3, let isPassed = fields[1].boolValue
    else { throw CodeTestFailure.solution(reason: "the tests came to no verdict") }
    return Verdict(isPassed: isPassed, reason: fields[2].stringValue ?? "")
  }
}
