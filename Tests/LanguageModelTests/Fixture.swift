import AgentCore
import Foundation
import LanguageModel
import Testing

/// Reference values that `Fixtures/generate.py` wrote.
enum Fixture {
  static func path(_ name: String) -> String {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name).path
  }

  static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name)))))
  }

  static func tinyModel(threads: ComputeThreads) throws -> Transformer {
    let loaded = try ModelFile.load(path("tiny-llama"))
    return Transformer(configuration: loaded.configuration, parameters: loaded.parameters, threads: threads)
  }

  /// SmolLM2's GGUF file: named by AGENTRL_TEST_MODEL, or where the fetch script of this package puts it.
  static var smolLM2: String? {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let candidates: [String?] = [
      ProcessInfo.processInfo.environment["AGENTRL_TEST_MODEL"],
      package.appendingPathComponent("models/SmolLM2-135M-Instruct.Q4_1.gguf").path,
    ]
    return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
  }
}

extension JSONValue {
  func floats(_ key: String) throws -> [Float] {
    try #require(self[key]?.arrayValue).map { Float(try #require($0.doubleValue)) }
  }

  func ints(_ key: String) throws -> [Int] {
    try #require(self[key]?.arrayValue).map { try #require($0.intValue) }
  }
}

/// Largest |a - b|.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

/// ‖a - b‖ / ‖b‖.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
  let size = b.reduce(0.0) { $0 + Double($1) * Double($1) }
  return size == 0 ? difference.squareRoot() : (difference / size).squareRoot()
}

extension TransformerConfiguration {
  /// Sizes that fit no tile, panel or page: every tail is exercised.
  static let awkward = TransformerConfiguration(
    vocabularySize: 83, width: 36, layers: 3, heads: 6, keyValueHeads: 2, headWidth: 10, feedForwardWidth: 50,
    contextLength: 512, tiedEmbeddings: true)
}
