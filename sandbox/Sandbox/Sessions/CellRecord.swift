/// A cell as it was run.
struct RecordedCell: Sendable {
  let code: String
  let input: [UInt8]
  let files: [SandboxFile]
  let limits: ExecutionLimits

  init(_ request: ExecutionRequest, limits: ExecutionLimits) {
    code = request.code
    input = request.input
    files = request.files
    self.limits = limits
  }

  fileprivate var bytes: Int { code.utf8.count + input.count + files.reduce(0) { $0 + $1.contents.count } }
}

/// The cells that made a session's state, to make it again.
struct CellRecord: Sendable {
  /// Of the slot's directory or interpreter, however many of them are kept.
  private(set) var count = 0
  /// nil once they were too large to keep.
  private(set) var cells: [RecordedCell]? = []
  private var bytes = 0

  /// Code, input and files of a session that are kept.
  static let mostBytes = 32 << 20

  mutating func add(_ cell: RecordedCell) {
    count += 1
    bytes += cell.bytes
    if bytes > Self.mostBytes { cells = nil } else { cells?.append(cell) }
  }
}
