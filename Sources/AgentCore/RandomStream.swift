/// A stream of random numbers with an address.
///
/// The address is a run seed, a purpose and any number of coordinates (task, group index, turn, …). Streams with
/// different addresses are independent, and a stream does not depend on who else drew numbers before: the same seed
/// gives the same run whatever the order in which things happen to finish.
///
/// The generator is xoshiro256** (Blackman and Vigna, 2018, arXiv 1805.01407), seeded by SplitMix64.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - purpose: what the numbers are for, e.g. `sampling`.
  ///   - coordinates: where in the run, e.g. step, task index, member of the group, turn.
  public init(seed: Int, purpose: String, _ coordinates: Int...) {
    self.init(seed: seed, purpose: purpose, coordinates: coordinates)
  }

  /// The same with the coordinates in an array.
  public init(seed: Int, purpose: String, coordinates: [Int]) {
    var key = Self.mix(UInt64(bitPattern: Int64(seed)) &+ 0x9E37_79B9_7F4A_7C15)
    for byte in purpose.utf8 { key = Self.mix(key ^ UInt64(byte)) }
    for coordinate in coordinates { key = Self.mix(key ^ Self.mix(UInt64(bitPattern: Int64(coordinate)) &+ 1)) }
    var counter = key
    func word() -> UInt64 {
      counter &+= 0x9E37_79B9_7F4A_7C15
      return Self.mix(counter)
    }
    state = (word(), word(), word(), word())
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private static func rotateLeft(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
  }

  public mutating func next() -> UInt64 {
    let result = Self.rotateLeft(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotateLeft(state.3, 45)
    return result
  }

  /// A number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in 0..<bound. Unbiased, and the same on every platform and version of the standard library.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "no whole number below \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// Shuffles in place (Fisher-Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for index in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(index, below(index + 1)) }
  }
}
