import AgentCore
import Foundation

extension ExecutionResult {
  /// The result as `agentenv exec --json` prints it.
  public var json: JSONValue {
    [
      "status": .string(status.rawValue), "stdout": .string(stdout), "stderr": .string(stderr),
      "exit_code": exitCode.map { JSONValue($0) } ?? .null, "signal": signal.map { JSONValue($0) } ?? .null,
      "timed_out": timedOut.map { .string($0.rawValue) } ?? .null, "phase": .string(phase.rawValue),
      "message": message.map { .string($0) } ?? .null, "wall_ms": wall.json, "cpu_ms": cpu.json,
      "peak_memory_bytes": JSONValue(peakMemoryBytes), "stdout_truncated": .bool(stdoutTruncated),
      "stderr_truncated": .bool(stderrTruncated), "stdout_invalid_utf8": .bool(stdoutInvalidUTF8),
      "stderr_invalid_utf8": .bool(stderrInvalidUTF8), "violation": violation.map { .string($0) } ?? .null,
      "isolation": .string(isolation.mode), "degraded": .array(isolation.degraded.map { .string($0) }),
      "files": .array(files.map(\.json)), "file_errors": .array(fileErrors.map { .string($0) }),
      "session_lost": .bool(sessionLost), "breakdown": breakdown.json,
    ]
  }
}

extension SandboxFile {
  /// `{"name","text"}`, or `{"name","base64"}` for bytes that are no UTF-8.
  public var json: JSONValue {
    if let text = String(validating: contents, as: UTF8.self) { return ["name": .string(name), "text": .string(text)] }
    return ["name": .string(name), "base64": .string(Data(contents).base64EncodedString())]
  }
}

extension LatencyBreakdown {
  /// Milliseconds by name.
  public var json: JSONValue {
    [
      "queue_ms": queue.json, "start_ms": start.json, "prepare_ms": prepare.json, "fork_ms": fork.json,
      "run_ms": run.json, "clean_ms": clean.json,
    ]
  }
}
