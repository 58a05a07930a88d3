import Sandbox
import Testing

/// One sandbox for all tests of this process. It ends with the process.
enum TestSandbox {
  static let shared: Sandbox = {
    var configuration = SandboxConfiguration()
    configuration.isolation = .bestEffort
    return Sandbox(configuration)
  }()

  static let works = Task { await shared.run(ExecutionRequest(language: "python", code: "")).status == .ok }

  static let isAvailable = ConditionTrait.enabled("this machine gives no sandbox: see `agentenv doctor`") {
    await works.value
  }
}
