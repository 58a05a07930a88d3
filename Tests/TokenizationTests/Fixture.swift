import AgentCore
import Foundation
import Testing

@testable import Tokenization

/// Files that `Fixtures/generate.py` wrote.
enum Fixture {
  static func json(_ name: String) throws -> JSONValue {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
    return try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
  }

  /// The small tokenizer, trained for these tests with SmolLM2's pre-tokenizer.
  static func smallTokenizer() throws -> Tokenizer {
    try Tokenizer(json: json("tokenizer.json"), configuration: ["eos_token": "<|im_end|>"])
  }

  /// The same merges behind another pre-tokenizer.
  static func variant(_ description: JSONValue) throws -> Tokenizer {
    var file = try #require(try json("tokenizer.json").objectValue)
    file["normalizer"] = description["normalizer"]
    file["pre_tokenizer"] = description["pre_tokenizer"]
    var model = try #require(file["model"]?.objectValue)
    model["ignore_merges"] = description["ignore_merges"]
    file["model"] = .object(model)
    return try Tokenizer(json: .object(file))
  }
}

extension JSONValue {
  var ids: [Int32] { (arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) } }
  var utf8: [UInt8] { Array((stringValue ?? "").utf8) }

  func replacing(_ key: String, with value: JSONValue?) -> JSONValue {
    var fields = objectValue ?? [:]
    fields[key] = value
    return .object(fields)
  }
}

/// A seeded stream of test inputs.
struct TestStream: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
