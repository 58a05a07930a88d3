/// What one execution may use. Every limit ends or refuses the program that passes it; none slows it down.
public struct ExecutionLimits: Sendable, Hashable {
  /// Real time from the start of the program to its end.
  public var wall: Duration
  /// Processor time of the program and all its children together; nil: as much as fits into `wall`.
  public var cpu: Duration?
  /// Memory of the program and all its children together, files in its work directory included.
  public var memoryBytes: Int
  /// Kept bytes of standard output, and of standard error, each.
  public var outputBytes: Int
  /// Bytes of all files in the work directory.
  public var workBytes: Int
  /// Files and folders in the work directory.
  public var workFiles: Int
  /// Processes and threads at once.
  public var processes: Int
  /// Open files of one process.
  public var openFiles: Int
  /// Bytes of all collected files together.
  public var collectedBytes: Int
  /// Bytes of the program's text.
  public var programBytes: Int
  /// Bytes of standard input and input files together.
  public var inputBytes: Int

  public init(
    wall: Duration = .seconds(5), cpu: Duration? = nil, memoryBytes: Int = 256 << 20, outputBytes: Int = 64 << 10,
    workBytes: Int = 64 << 20, workFiles: Int = 4096, processes: Int = 64, openFiles: Int = 256,
    collectedBytes: Int = 1 << 20, programBytes: Int = 1 << 20, inputBytes: Int = 16 << 20
  ) {
    self.wall = wall
    self.cpu = cpu
    self.memoryBytes = memoryBytes
    self.outputBytes = outputBytes
    self.workBytes = workBytes
    self.workFiles = workFiles
    self.processes = processes
    self.openFiles = openFiles
    self.collectedBytes = collectedBytes
    self.programBytes = programBytes
    self.inputBytes = inputBytes
  }
}

extension ExecutionLimits {
  /// Why these limits make no sense, if they do not: which one, what it is, and between what it may be.
  public var problem: String? {
    for (name, value) in [("wall time", wall), ("processor time", cpu ?? wall)]
    where value < .milliseconds(1) || value > .seconds(86_400) {
      return "the limit of \(name) is \(value): it must be 1 millisecond to 1 day"
    }
    return counts.first { !$0.range.contains($0.value) }.map { count in
      "the limit of \(count.name) is \(count.value): it must be \(count.range.lowerBound) to \(count.range.upperBound)"
    }
  }

  /// The slot's protocol has the upper ends, too: beyond them a reply would not fit into a frame.
  private var counts: [(name: String, value: Int, range: ClosedRange<Int>)] {
    [
      ("memory", memoryBytes, 16 << 20...1 << 40), ("output", outputBytes, 0...32 << 20),
      ("the work directory's size", workBytes, 64 << 10...1 << 36),
      ("files in the work directory", workFiles, 16...1 << 20), ("processes", processes, 1...4096),
      ("open files", openFiles, 16...65_536), ("collected bytes", collectedBytes, 0...64 << 20),
      ("the program's size", programBytes, 1...16 << 20), ("input", inputBytes, 0...64 << 20),
    ]
  }
}
