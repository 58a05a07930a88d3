import AgentCore

/// Text in which every byte knows its provenance, and whether a special token may be parsed from it.
struct MarkedText: Sendable, Equatable {
  struct Segment: Sendable, Equatable {
    var text: String
    var provenance: Provenance
    /// Written by the template itself; only there special tokens are parsed.
    var isMarkup: Bool
  }

  var segments: [Segment] = []

  var text: String { segments.map(\.text).joined() }

  mutating func append(_ text: String, _ provenance: Provenance, isMarkup: Bool) {
    if !text.isEmpty { segments.append(Segment(text: text, provenance: provenance, isMarkup: isMarkup)) }
  }

  /// Encodes the whole text at once, so that the ids are those of the plain text, except that special tokens are
  /// parsed from markup alone. A token belongs to the provenance of its first byte.
  func encoded(by tokenizer: Tokenizer) -> EncodedTokens {
    var bytes: [UInt8] = []
    var provenances: [Provenance] = []
    var isMarkup: [Bool] = []
    for segment in segments {
      let part = tokenizer.composesCharacters ? CharacterComposition.composed(segment.text) : Array(segment.text.utf8)
      bytes.append(contentsOf: part)
      provenances.append(contentsOf: repeatElement(segment.provenance, count: part.count))
      isMarkup.append(contentsOf: repeatElement(segment.isMarkup, count: part.count))
    }
    var result = EncodedTokens()
    tokenizer.encode(bytes, allowsSpecial: { isMarkup[$0].allSatisfy(\.self) }) { range, ids in
      var position = range.lowerBound
      for id in ids {
        result.append(CollectionOfOne(id), provenance: provenances[min(position, range.upperBound - 1)])
        position += tokenizer.vocabulary.byteCount(id)
      }
    }
    return result
  }
}
