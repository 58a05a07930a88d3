/// Why a tokenizer could not be built. Encoding and decoding themselves never fail.
public enum TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A field is missing or has the wrong shape.
  case malformed(field: String, problem: String)
  /// A field is well formed but asks for something this tokenizer does not do; encoding without it would give other
  /// token ids than the model was trained with, so it is refused.
  case unsupported(field: String, value: String, supported: String)
  /// A merge rule names a token that is not in the vocabulary.
  case unknownMergePart(merge: String, index: Int)

  public var description: String {
    switch self {
    case .malformed(let field, let problem):
      "tokenizer: \(field): \(problem)"
    case .unsupported(let field, let value, let supported):
      "tokenizer: \(field) is \(value), which is not supported (supported: \(supported))"
    case .unknownMergePart(let merge, let index):
      "tokenizer: merge \(index) (\"\(merge)\") uses or makes a token that is not in the vocabulary"
    }
  }
}
