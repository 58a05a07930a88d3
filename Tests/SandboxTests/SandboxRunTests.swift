import AgentCore
import Foundation
import Testing

@testable import Sandbox

@Suite struct SandboxRunTests {
  @Test func hello() async throws {
    let sandbox = Sandbox()
    for language in ["python", "bash", "c"] {
      let code =
        language == "c" ? "#include <stdio.h>\nint main(){puts(\"1\");}" : language == "bash" ? "echo 1" : "print(1)"
      for _ in 0..<2 {
        let r = await sandbox.run(ExecutionRequest(language: language, code: code))
        print(r.json.serialized())
      }
    }
    await sandbox.shutdown()
  }
}
