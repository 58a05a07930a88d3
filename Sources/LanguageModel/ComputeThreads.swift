import CKernels

/// The threads that numeric work runs on: a fixed pool of its own, never Swift's cooperative one.
///
/// The calling thread takes part. Results do not depend on the number of threads or the instruction set.
// @unchecked: the pool's functions may be called from any thread; a second concurrent caller works alone.
public final class ComputeThreads: @unchecked Sendable {
  /// Vector instructions of the kernels, weakest first.
  public enum InstructionSet: Int32, Sendable, CaseIterable, Comparable {
    case portable, avx2, avx512

    /// The strongest that this CPU runs.
    public static var best: InstructionSet { InstructionSet(rawValue: ck_best_instruction_set()) ?? .portable }

    public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }
  }

  let pool: OpaquePointer
  /// Number of threads, the caller's included.
  public let count: Int
  /// What the kernels run with.
  public let instructionSet: InstructionSet

  /// Cores that this process may use.
  public static var availableCores: Int { ck_available_cores() }

  /// Starts the threads.
  /// - Parameters:
  ///   - count: 1 or more; all cores that the process may use if nil.
  ///   - instructionSet: at most `InstructionSet.best`, which is the default.
  public init(count: Int? = nil, instructionSet: InstructionSet = .best) {
    let count = count ?? Self.availableCores
    precondition(count >= 1 && count <= 1024, "\(count) threads asked for, not 1...1024")
    precondition(
      instructionSet <= .best, "this CPU has no \(instructionSet) instructions; the best it has is \(InstructionSet.best)")
    guard let pool = ck_pool_create(count, instructionSet.rawValue) else {
      fatalError("the system refused to start \(count) threads")
    }
    self.pool = pool
    self.count = count
    self.instructionSet = instructionSet
  }

  deinit { ck_pool_destroy(pool) }
}
