import Testing

@testable import LanguageModel

@Suite struct PackedRowsTests {
  @Test("a shared beginning is computed once, and the longest one is borrowed")
  func sharing() {
    let rows = PackedRows(
      TrainingBatch(sequences: [
        TrainingSequence(tokens: [1, 2, 3, 4], scored: [3]),
        TrainingSequence(tokens: [1, 2, 9, 4, 5], scored: [2, 4]),
        TrainingSequence(tokens: [1, 2, 9, 4, 6], scored: [4]),
        TrainingSequence(tokens: [7, 2], scored: [1]),
      ]))
    #expect(rows.tokens == [1, 2, 3, 9, 4, 7])
    #expect(rows.positions == [0, 1, 2, 2, 3, 0])
    #expect(rows.sequences.map(\.rows) == [[0, 1, 2], [0, 1, 3, 4], [0, 1, 3, 4], [5]])
    #expect(rows.sequences.map(\.firstOwn) == [0, 2, 4, 0])
    #expect(rows.scoredRows == [2, 1, 4, 4, 5])
    #expect(rows.scoredTokens == [4, 9, 5, 6, 2])
    #expect(rows.context == 4)
  }

  @Test("tokens after the last scored one predict nothing and take no row")
  func tails() {
    let rows = PackedRows(
      TrainingBatch(sequences: [
        TrainingSequence(tokens: [1, 2, 3, 4], scored: [1]), TrainingSequence(tokens: [5, 6], scored: []),
      ]))
    #expect(rows.tokens == [1])
    #expect(rows.sequences.map(\.rows) == [[0], []])
  }
}
