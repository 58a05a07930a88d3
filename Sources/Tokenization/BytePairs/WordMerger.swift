/// Merges the symbols of one word, lowest rank first and leftmost among equals, in O(n log n).
///
/// The order of merges, including what happens to candidates that an earlier merge overtook, is that of Hugging Face
/// `tokenizers`: a candidate stays good if the pair now at its place still makes the same token.
struct WordMerger {
  private struct Symbol {
    /// -1 once merged into the symbol before it.
    var id: Int32
    var previous: Int32
    var next: Int32
  }

  private struct Candidate {
    /// Rank in the upper half, position in the lower: the order of the heap.
    var order: UInt64
    var merged: Int32
  }

  private var symbols: [Symbol] = []
  private var heap: [Candidate] = []

  /// Merges `ids` (one per byte) and appends the resulting tokens to `output`.
  mutating func merge(_ ids: [Int32], by table: MergeTable, into output: inout [Int32]) {
    guard ids.count > 1 else { return output.append(contentsOf: ids) }
    symbols.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for (index, id) in ids.enumerated() {
      let next = index + 1 < ids.count ? index + 1 : -1
      symbols.append(Symbol(id: id, previous: Int32(index - 1), next: Int32(next)))
    }
    for index in 0..<symbols.count - 1 { consider(Int32(index), table) }
    while let candidate = popFirst() { apply(candidate, table) }
    var index: Int32 = 0
    while index >= 0 {
      output.append(symbols[Int(index)].id)
      index = symbols[Int(index)].next
    }
  }

  private mutating func apply(_ candidate: Candidate, _ table: MergeTable) {
    let position = Int32(truncatingIfNeeded: candidate.order)
    let left = symbols[Int(position)]
    guard left.id >= 0, left.next >= 0 else { return }
    let right = symbols[Int(left.next)]
    guard table.rule(left: left.id, right: right.id)?.merged == candidate.merged else { return }
    symbols[Int(left.next)].id = -1
    symbols[Int(position)].id = candidate.merged
    symbols[Int(position)].next = right.next
    if right.next >= 0 {
      symbols[Int(right.next)].previous = position
      consider(position, table)
    }
    if left.previous >= 0 { consider(left.previous, table) }
  }

  /// Offers the pair at `position` and its successor.
  @inline(__always)
  private mutating func consider(_ position: Int32, _ table: MergeTable) {
    let left = symbols[Int(position)]
    guard left.next >= 0, let rule = table.rule(left: left.id, right: symbols[Int(left.next)].id) else { return }
    push(Candidate(order: UInt64(rule.rank) << 32 | UInt64(UInt32(position)), merged: rule.merged))
  }

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].order < heap[parent].order else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func popFirst() -> Candidate? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [parent * 2 + 1, parent * 2 + 2] where child < heap.count {
        if heap[child].order < heap[least].order { least = child }
      }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
