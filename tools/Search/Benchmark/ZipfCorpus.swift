import AgentCore
import Foundation

/// A synthetic corpus whose words are as unevenly common as those of natural text: the word of rank r comes up in
/// proportion to 1 / r^s.
public struct ZipfCorpus: Sendable {
  public var passages: Int
  /// Distinct words.
  public var vocabulary: Int
  public var exponent: Double
  /// Words of a passage.
  public var length: ClosedRange<Int>
  public var seed: Int

  public init(
    passages: Int = 100_000, vocabulary: Int = 50_000, exponent: Double = 1.07, length: ClosedRange<Int> = 30...90,
    seed: Int = 1234
  ) {
    self.passages = passages
    self.vocabulary = vocabulary
    self.exponent = exponent
    self.length = length
    self.seed = seed
  }

  /// Writes the corpus as JSON lines, and gives queries of 2 to 4 words that all stand in one passage, the 30 most
  /// frequent words left out.
  public func write(to path: String, queries: Int) throws -> [String] {
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw SearchIndexError.cannotWrite(path: path, reason: "it cannot be created") }
    defer { try? file.close() }
    let table = CumulativeTable(vocabulary: vocabulary, exponent: exponent)
    let words = (0..<vocabulary).map(Self.word)
    var random = RandomStream(seed: seed, purpose: "zipf corpus")
    let everyNth = max(1, passages / max(1, queries))
    var asked: [String] = []
    var buffer: [UInt8] = []
    for number in 0..<passages {
      let ranks = (0..<length.lowerBound + random.below(length.count)).map { _ in table.rank(random.uniform()) }
      buffer += Array("{\"id\":\"p\(number)\",\"text\":\"".utf8)
      buffer += Array(ranks.map { words[$0] }.joined(separator: " ").utf8)
      buffer += Array("\"}\n".utf8)
      if buffer.count > 1 << 20 {
        try file.write(contentsOf: Data(buffer))
        buffer.removeAll(keepingCapacity: true)
      }
      let telling = Set(ranks.filter { $0 >= 30 }).sorted()
      if number.isMultiple(of: everyNth), asked.count < queries, telling.count >= 4 {
        asked.append(query(from: telling, words, &random))
      }
    }
    try file.write(contentsOf: Data(buffer))
    return asked
  }

  private func query(from ranks: [Int], _ words: [String], _ random: inout RandomStream) -> String {
    var ranks = ranks
    random.shuffle(&ranks)
    return ranks.prefix(2 + random.below(3)).map { words[$0] }.joined(separator: " ")
  }

  /// A pronounceable word, different for each number.
  private static func word(_ number: Int) -> String {
    let consonants = Array("bdfgklmnprstvz")
    let vowels = Array("aeiou")
    var rest = number
    var word = ""
    repeat {
      word.append(consonants[rest % consonants.count])
      rest /= consonants.count
      word.append(vowels[rest % vowels.count])
      rest /= vowels.count
    } while rest > 0
    return word + "n"
  }

  private struct CumulativeTable {
    private let sums: [Double]

    init(vocabulary: Int, exponent: Double) {
      var sum = 0.0
      sums = (1...vocabulary).map {
        sum += pow(Double($0), -exponent)
        return sum
      }
    }

    /// The rank, from 0, at which the sums pass that share of the whole.
    func rank(_ share: Double) -> Int {
      let target = share * (sums.last ?? 0)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] <= target { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}
