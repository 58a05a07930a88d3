/// Which files of a repository to fetch.
public enum FileSelection: Sendable, Equatable {
  /// What a policy is made of: configuration, tokenizer, chat template, and the safetensors weights; or, where a
  /// repository has no safetensors, its only GGUF file.
  case policy
  /// The files that match at least one pattern: `*` any characters (also `/`), `?` one, as in the hub's own client.
  case matching([String])

  private static let metadata: Set<String> = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "chat_template.jinja", "chat_template.json", "conversation.json",
  ]

  /// The chosen files, in the order of the listing: small ones of metadata before weights.
  func select(from files: [HubFile], repository: String) throws(ModelHubError) -> [HubFile] {
    switch self {
    case .matching(let patterns):
      let chosen = files.filter { file in patterns.contains { Self.matches(file.path, pattern: $0) } }
      guard !chosen.isEmpty else {
        throw .nothingSelected(repository: repository, wanted: patterns, available: files.map(\.path))
      }
      return chosen
    case .policy:
      let weights = try Self.weights(among: files, repository: repository)
      return files.filter { Self.metadata.contains($0.path) } + weights
    }
  }

  /// Weights in the root folder. A repository may carry a second copy of them in an older layout
  /// (`consolidated.safetensors`): `model*` wins.
  private static func weights(among files: [HubFile], repository: String) throws(ModelHubError) -> [HubFile] {
    let root = files.filter { !$0.path.contains("/") }
    let tensors = root.filter { $0.path.hasSuffix(".safetensors") }
    let standard = tensors.filter { $0.path.hasPrefix("model") }
    let chosen = standard.isEmpty ? tensors : standard
    if !chosen.isEmpty {
      return root.filter { $0.path == "model.safetensors.index.json" && chosen.count > 1 } + chosen
    }
    let gguf = root.filter { $0.path.lowercased().hasSuffix(".gguf") }
    guard gguf.count <= 1 else {
      throw .ambiguousWeights(repository: repository, candidates: gguf.map(\.path))
    }
    guard !gguf.isEmpty else {
      throw .nothingSelected(
        repository: repository, wanted: ["*.safetensors", "*.gguf"], available: files.map(\.path))
    }
    return gguf
  }

  /// Glob match over bytes in O(path × pattern) at worst: on a mismatch only the last `*` takes one more byte.
  static func matches(_ path: String, pattern: String) -> Bool {
    let path = Array(path.utf8)
    let pattern = Array(pattern.utf8)
    var (p, q) = (0, 0)
    var star: (pattern: Int, path: Int)?
    while p < path.count {
      if q < pattern.count, pattern[q] == UInt8(ascii: "*") {
        star = (q, p)
        q += 1
      } else if q < pattern.count, pattern[q] == UInt8(ascii: "?") || pattern[q] == path[p] {
        p += 1
        q += 1
      } else if let last = star {
        star = (last.pattern, last.path + 1)
        p = last.path + 1
        q = last.pattern + 1
      } else {
        return false
      }
    }
    return pattern[q...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
