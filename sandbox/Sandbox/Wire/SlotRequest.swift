import AgentCore

/// What this process asks of a slot.
enum SlotRequest: Sendable {
  case configure(SlotSettings)
  case run(id: Int, SlotProgram)
  /// Starts a session with that branch.
  case open(branch: Int, seed: UInt64?)
  /// Its answer carries the branch's number.
  case cell(branch: Int, SlotProgram)
  case branch(source: Int, new: Int)
  case close(branch: Int)
  case cancel(id: Int)
  /// Ends all branches and empties the slot.
  case reset
}

/// How a slot is set up, once.
struct SlotSettings: Sendable, Hashable {
  var isolation = IsolationMode.full
  /// Host paths that are readable inside, under the same name.
  var readOnlyPaths: [String] = []
  /// `NAME=value`.
  var environment: [String] = []
  /// Starts the process that runs are forked from; empty: none.
  var zygote: [String] = []
  var extraSystemCalls: [String] = []
  var workBytes = 64 << 20
  var workFiles = 4096
  var index = 0
  /// Folder for work directories where there is no mount namespace.
  var scratchFolder = ""
  var processes = 64
  /// Layers that are not to be used, for tests of what remains.
  var disabledLayers: [String] = []
}

/// A program as a slot takes it.
struct SlotProgram: Sendable, Hashable {
  enum Kind: String, Sendable { case zygote, exec }

  var kind: Kind
  var arguments: [String]
  var code = ""
  var input: [UInt8] = []
  var files: [SandboxFile] = []
  var collect: [String] = []
  var limits: ExecutionLimits
  /// Whether the work directory is made anew; not so to run what was just compiled.
  var isFresh = true
  /// Of the interpreter's random numbers; nil: other ones every time.
  var seed: UInt64?
}

extension SlotRequest {
  var frame: WireFrame {
    switch self {
    case .configure(let settings): return settings.frame
    case .run(let id, let program):
      var frame = WireFrame(kind: 0x02)
      frame.add(1, id)
      frame.add(2, program.kind.rawValue)
      for argument in program.arguments { frame.add(3, argument) }
      program.add(to: &frame)
      frame.add(15, program.isFresh ? 1 : 0)
      frame.addSeed(program.seed)
      return frame
    case .open(let branch, let seed):
      var frame = Self.frame(0x03, branch)
      frame.addSeed(seed)
      return frame
    case .cell(let branch, let program):
      var frame = WireFrame(kind: 0x04)
      frame.add(1, branch)
      program.add(to: &frame)
      return frame
    case .branch(let source, let new):
      var frame = WireFrame(kind: 0x05)
      frame.add(1, source)
      frame.add(2, new)
      return frame
    case .close(let branch): return Self.frame(0x06, branch)
    case .cancel(let id): return Self.frame(0x07, id)
    case .reset: return WireFrame(kind: 0x08)
    }
  }

  private static func frame(_ kind: UInt8, _ id: Int) -> WireFrame {
    var frame = WireFrame(kind: kind)
    frame.add(1, id)
    return frame
  }
}

extension SlotSettings {
  fileprivate var frame: WireFrame {
    var frame = WireFrame(kind: 0x01)
    frame.add(1, isolation.rawValue)
    for path in readOnlyPaths { frame.add(2, path) }
    for variable in environment { frame.add(3, variable) }
    for argument in zygote { frame.add(4, argument) }
    for name in extraSystemCalls { frame.add(5, name) }
    frame.add(6, workBytes)
    frame.add(7, workFiles)
    frame.add(8, index)
    frame.add(9, scratchFolder)
    frame.add(10, processes)
    for layer in disabledLayers { frame.add(11, layer) }
    return frame
  }
}

extension SlotProgram {
  fileprivate func add(to frame: inout WireFrame) {
    frame.add(4, code)
    frame.add(5, input)
    for file in files { frame.add(6, file) }
    for pattern in collect { frame.add(7, pattern) }
    frame.add(8, limits.wall.wholeMilliseconds)
    // None: the wall time bounds it, times the number of processors.
    frame.add(9, limits.cpu?.wholeMilliseconds ?? 0)
    frame.add(10, limits.memoryBytes)
    frame.add(11, limits.outputBytes)
    frame.add(12, limits.processes)
    frame.add(13, limits.collectedBytes)
    frame.add(14, limits.openFiles)
  }
}

extension WireFrame {
  /// Numbers on the wire are not negative.
  fileprivate mutating func addSeed(_ seed: UInt64?) {
    if let seed { add(20, Int(seed & UInt64(Int64.max))) }
  }
}

extension Duration {
  /// Milliseconds, rounded up: a limit is never shorter than it says.
  fileprivate var wholeMilliseconds: Int { Int((wholeMicroseconds + 999) / 1000) }
}
