/// Merge rules by the pair of token ids that they join: an open-addressed hash table, built once and then only read.
struct MergeTable: Sendable {
  struct Rule: Sendable, Equatable {
    /// Position in the merge list; lower ranks are applied first.
    var rank: UInt32
    /// The id of the joined token.
    var merged: Int32
  }

  private static let free = UInt64.max
  private var keys: [UInt64]
  private var rules: [Rule]
  private let mask: Int
  private(set) var count = 0

  /// Room for `capacity` rules.
  init(capacity: Int) {
    var slots = 16
    while slots < capacity * 2 { slots *= 2 }
    keys = Array(repeating: Self.free, count: slots)
    rules = Array(repeating: Rule(rank: 0, merged: 0), count: slots)
    mask = slots - 1
  }

  var isEmpty: Bool { count == 0 }

  /// Adds or replaces the rule for a pair.
  mutating func insert(left: Int32, right: Int32, rule: Rule) {
    let key = Self.key(left, right)
    var slot = self.slot(of: key)
    while keys[slot] != Self.free, keys[slot] != key { slot = (slot + 1) & mask }
    if keys[slot] == Self.free { count += 1 }
    precondition(count < keys.count, "merge table of \(keys.count) slots is full")
    keys[slot] = key
    rules[slot] = rule
  }

  @inline(__always)
  func rule(left: Int32, right: Int32) -> Rule? {
    let key = Self.key(left, right)
    var slot = self.slot(of: key)
    while true {
      let found = keys[slot]
      if found == key { return rules[slot] }
      if found == Self.free { return nil }
      slot = (slot + 1) & mask
    }
  }

  /// All rules as pairs of ids in rank order.
  var ranked: [(left: Int32, right: Int32, rule: Rule)] {
    zip(keys, rules).filter { $0.0 != Self.free }
      .map { (Int32(truncatingIfNeeded: $0.0 >> 32), Int32(truncatingIfNeeded: $0.0), $0.1) }
      .sorted { $0.2.rank < $1.2.rank }
  }

  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed ^ (mixed >> 32)) & mask
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
