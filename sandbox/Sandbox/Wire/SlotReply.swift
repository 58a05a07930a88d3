/// What a slot answers.
enum SlotReply: Sendable, Equatable {
  case ready(SlotReadiness)
  case result(SlotResult)
  /// A session was opened, branched or closed, or the slot emptied; or why not.
  case done(id: Int, error: String?)
  /// The slot gives up.
  case fault(String)

  init(_ frame: WireFrame) throws(WireError) {
    switch frame.kind {
    case 0x81: self = .ready(try SlotReadiness(frame))
    case 0x82: self = .result(try SlotResult(frame))
    case 0x83: self = .done(id: try frame.optionalInt(1) ?? 0, error: frame.text(19))
    case 0x84: self = .fault(frame.text(19) ?? "it did not say why")
    default: throw .unknownKind(frame.kind)
    }
  }
}

/// What a slot came to be.
struct SlotReadiness: Sendable, Equatable {
  var isolation: String
  var degraded: [String]
  var namespaces: Duration
  var zygote: Duration

  init(_ frame: WireFrame) throws(WireError) {
    guard let isolation = frame.text(1) else { throw .missing(tag: 1, kind: frame.kind) }
    self.isolation = isolation
    degraded = frame.texts(2)
    namespaces = try frame.microseconds(3)
    zygote = try frame.microseconds(4)
  }
}

/// How a run or a cell ended.
struct SlotResult: Sendable, Equatable {
  enum Outcome: String, Sendable, CaseIterable {
    case exited, signaled, wall, cpu, memory, output, violation, cancelled, failed
  }

  var id: Int
  var outcome: Outcome
  var exitCode: Int?
  var signal: Int?
  var stdout: ArraySlice<UInt8>
  var stderr: ArraySlice<UInt8>
  var isStdoutTruncated: Bool
  var isStderrTruncated: Bool
  var wall: Duration
  var cpu: Duration
  var peakBytes: Int
  var refusedCall: String?
  var files: [SandboxFile]
  var fileErrors: [String]
  var prepare: Duration
  var fork: Duration
  var clean: Duration
  var isSessionLost: Bool
  var error: String?

  init(_ frame: WireFrame) throws(WireError) {
    id = try frame.int(1)
    guard let outcome = frame.text(2).flatMap(Outcome.init) else { throw .badValue(tag: 2, kind: frame.kind) }
    self.outcome = outcome
    exitCode = try frame.optionalInt(3)
    signal = try frame.optionalInt(4)
    stdout = frame.bytes(5) ?? []
    stderr = frame.bytes(6) ?? []
    isStdoutTruncated = try frame.flag(7)
    isStderrTruncated = try frame.flag(8)
    wall = try frame.microseconds(9)
    cpu = try frame.microseconds(10)
    peakBytes = max(0, try frame.optionalInt(11) ?? 0)
    refusedCall = frame.text(12)
    files = try frame.files(13)
    fileErrors = frame.texts(14)
    prepare = try frame.microseconds(15)
    fork = try frame.microseconds(16)
    clean = try frame.microseconds(17)
    isSessionLost = try frame.flag(18)
    error = frame.text(19)
  }
}
