/// A batch as rows without padding and without repetition.
///
/// A row is one token with everything before it. Two sequences that begin alike have the same rows there, bit for bit,
/// so the later one borrows the earlier one's and adds its own from where they part.
struct PackedRows {
  /// Where a sequence lies: the row of each position, and the first position that is its own.
  struct Sequence {
    var rows: [Int32]
    var firstOwn: Int
  }

  /// Token and position of each row.
  private(set) var tokens: [Int32] = []
  private(set) var positions: [Int32] = []
  private(set) var sequences: [Sequence] = []
  /// The row that predicts each scored token, and the token; sequence after sequence.
  private(set) var scoredRows: [Int32] = []
  private(set) var scoredTokens: [Int32] = []
  /// Longest sequence.
  private(set) var context = 0

  init(_ batch: TrainingBatch) {
    var packed: [ArraySlice<Int32>] = []
    for sequence in batch.sequences {
      // Tokens from the last scored one on predict nothing.
      let tokens = sequence.tokens.prefix(sequence.scored.last ?? 0)
      append(tokens, sharing: longestBeginning(of: tokens, in: packed))
      packed.append(tokens)
      let rows = sequences[sequences.count - 1].rows
      scoredRows.append(contentsOf: sequence.scored.map { rows[$0 - 1] })
      scoredTokens.append(contentsOf: sequence.scored.map { sequence.tokens[$0] })
    }
  }

  private func longestBeginning(of tokens: ArraySlice<Int32>, in packed: [ArraySlice<Int32>]) -> (Int, Int) {
    var best = (sequence: 0, length: 0)
    for (index, other) in packed.enumerated() where min(other.count, tokens.count) > best.length {
      var length = 0
      let limit = min(other.count, tokens.count)
      other.withUnsafeBufferPointer { a in
        tokens.withUnsafeBufferPointer { b in
          while length < limit, a[length] == b[length] { length += 1 }
        }
      }
      if length > best.length { best = (index, length) }
    }
    return best
  }

  private mutating func append(_ newTokens: ArraySlice<Int32>, sharing beginning: (sequence: Int, length: Int)) {
    var rows: [Int32] = []
    if beginning.length > 0 { rows = Array(sequences[beginning.sequence].rows.prefix(beginning.length)) }
    for (position, token) in newTokens.enumerated().dropFirst(beginning.length) {
      rows.append(Int32(tokens.count))
      tokens.append(token)
      positions.append(Int32(position))
    }
    sequences.append(Sequence(rows: rows, firstOwn: beginning.length))
    context = max(context, rows.count)
  }
}
