import AgentCore
import Foundation
import Testing

@testable import RunReports

@Suite struct TensorBoardWriterTests {
  @Test(
    "CRC-32C gives RFC 3720's values",
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0...31), 0x46DD_794E), (Array((0...31).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
      ([], 0),
    ] as [([UInt8], UInt32)])
  func checksum(bytes: [UInt8], expected: UInt32) {
    #expect(CRC32C.checksum(bytes) == expected)
  }

  /// Written by `RecordWriter` and `event_pb2` of the Python package tensorboard 2.21.0: a file version at 1700000000.5,
  /// a session start at step 3, and two scalars at step 300 and 1700000001.25.
  private static let reference = """
    1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531100f000000000000006d532b0909000020\
    40fc54d94110033a02080120ab681c3b000000000000001a23ac5c0900005040fc54d94110ac022a2d0a110a0a747261696e2f6c6f737315\
    0000003f0a180a116576616c2f737563636573735f72617465150000703f83f3db73
    """

  @Test("the bytes are those that TensorBoard's own writer gives")
  func referenceBytes() throws {
    let folder = try TemporaryFolder()
    let writer = try TensorBoardWriter(folder: folder.path, resumingAt: 3, wallTime: 1_700_000_000.5)
    let row = try MetricsRow(["step": 300, "phase": "train", "loss": 0.5, "eval_success_rate": 0.9375])
    try writer.write(row, wallTime: 1_700_000_001.25)
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: writer.path)))
    #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == Self.reference)
    #expect(writer.path.contains("/events.out.tfevents.1700000000."))
  }

  @Test("metrics are grouped by what they are about")
  func tags() {
    let keys = [
      "loss", "reward_mean", "eval_ci95_low", "step_seconds", "rollout_tokens_per_second", "groups_dropped", "novel",
    ]
    #expect(
      keys.map { TensorBoardWriter.tag(for: $0, in: .train) } == [
        "train/loss", "rollout/reward_mean", "eval/ci95_low", "time/step_seconds", "time/rollout_tokens_per_second",
        "rollout/groups_dropped", "train/novel",
      ])
    #expect(TensorBoardWriter.tag(for: "loss", in: .warmup) == "warmup/loss")
  }

  static let python = ProcessInfo.processInfo.environment["AGENTENV_TEST_PYTHON"]

  @Test(
    "TensorBoard reads a resumed run as one, without what the resumed part replaced",
    .enabled(if: python != nil, "set AGENTENV_TEST_PYTHON to a Python that can import tensorboard"))
  func readByTensorBoard() throws {
    let folder = try TemporaryFolder()
    let first = try TensorBoardWriter(folder: folder.path, wallTime: 1_700_000_000)
    for step in 0..<4 {
      try first.write(MetricsRow(["step": JSONValue(step), "loss": .double(Double(step))]), wallTime: 1_700_000_001)
    }
    let second = try TensorBoardWriter(folder: folder.path, resumingAt: 2, wallTime: 1_700_000_100)
    for step in 2..<4 {
      try second.write(MetricsRow(["step": JSONValue(step), "loss": .double(-Double(step))]), wallTime: 1_700_000_101)
    }
    let script = """
      import sys, logging
      logging.disable(logging.CRITICAL)
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1]); events.Reload()
      print(events.Tags()["scalars"] or events.Tags()["tensors"])
      print([(e.step, e.value) for e in events.Scalars("train/loss")])
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = ["-c", script, folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text == "['train/loss']\n[(0, 0.0), (1, 1.0), (2, -2.0), (3, -3.0)]\n")
  }
}
