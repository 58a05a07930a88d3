import AgentCore
import CKernels
import Foundation
import LanguageModel
import Testing

/// The matrix product against the chain of fused multiply-adds that it promises.
@Suite struct ProductKernelTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let (m, n, k): (Int, Int, Int)
    init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }
    var testDescription: String { "\(m) x \(n) x \(k)" }
  }

  static let shapes: [Shape] = [
    Shape(1, 1, 1), Shape(1, 130, 7), Shape(2, 33, 40), Shape(3, 31, 16), Shape(11, 64, 50), Shape(12, 32, 17),
    Shape(13, 97, 33), Shape(25, 45, 800), Shape(40, 16, 1600), Shape(200, 50, 19), Shape(1, 600, 1600), Shape(4, 5, 0),
  ]

  private func values(_ count: Int, _ random: inout RandomStream) -> [Float] {
    (0..<count).map { _ in Float(random.uniform() * 2 - 1) }
  }

  @Test("every element is one chain, k ascending, on every instruction set", arguments: shapes)
  func chain(shape: Shape) throws {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    var random = RandomStream(seed: 1, purpose: "product", m, n, k)
    let (x, w, start) = (values(m * k, &random), values(n * k, &random), values(m * n, &random))
    var expected = start
    for row in 0..<m {
      for column in 0..<n {
        for i in 0..<k { expected[row * n + column] = fma(x[row * k + i], w[column * k + i], expected[row * n + column]) }
      }
    }
    var transposed = [Float](repeating: 0, count: m * k)
    for row in 0..<m { for i in 0..<k { transposed[i * m + row] = x[row * k + i] } }
    for instructionSet in 0...ck_best_instruction_set() {
      let pool = try #require(ck_pool_create(2, instructionSet))
      defer { ck_pool_destroy(pool) }
      var packed = [Float](repeating: .nan, count: ck_packed_count(n, k))
      ck_pack(pool, &packed, 0, w, k, 1, n, k)
      var y = start
      y.withUnsafeMutableBufferPointer { ck_product(pool, $0.baseAddress, n, x, k, 1, m, packed, n, k, $0.baseAddress) }
      #expect(y == expected, "rows in place, instruction set \(instructionSet)")
      var z = [Float](repeating: .nan, count: m * n)
      ck_product(pool, &z, n, transposed, 1, m, m, packed, n, k, start)
      #expect(z == expected, "rows transposed, instruction set \(instructionSet)")
    }
  }

  @Test("packing by rows, by columns and piece by piece fills the same panels")
  func packing() throws {
    let pool = try #require(ck_pool_create(2, ck_best_instruction_set()))
    defer { ck_pool_destroy(pool) }
    let (n, k) = (75, 37)
    var random = RandomStream(seed: 2, purpose: "packing")
    let w = values(n * k, &random)
    var transposed = [Float](repeating: 0, count: n * k)
    for column in 0..<n { for i in 0..<k { transposed[i * n + column] = w[column * k + i] } }
    let empty = [Float](repeating: .nan, count: ck_packed_count(n, k))
    var (byRows, byColumns, pieces) = (empty, empty, empty)
    ck_pack(pool, &byRows, 0, w, k, 1, n, k)
    ck_pack(pool, &byColumns, 0, transposed, 1, n, n, k)
    for (first, count) in [(0, 10), (10, 41), (51, 24)] {
      w.withUnsafeBufferPointer { ck_pack(pool, &pieces, first, $0.baseAddress.map { $0 + first * k }, k, 1, count, k) }
    }
    #expect(byRows == byColumns)
    #expect(byRows == pieces)
    for column in 0..<96 {
      for i in 0..<k {
        #expect(byRows[(column / 32 * k + i) * 32 + column % 32] == (column < n ? w[column * k + i] : 0))
      }
    }
  }
}
