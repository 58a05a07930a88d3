import Testing
import WebTransfer

@testable import ModelHub

@Suite
struct FileSelectionTests {
  private func select(_ selection: FileSelection, _ paths: [String]) throws -> [String] {
    let files = paths.map { HubFile(path: $0, size: nil, checksum: nil) }
    return try selection.select(from: files, repository: "o/m").map(\.path)
  }

  @Test("a policy is its metadata and its safetensors, sharded ones with their index")
  func picksPolicy() throws {
    #expect(
      try select(
        .policy,
        [
          ".gitattributes", "config.json", "onnx/model.onnx", "onnx/config.json", "model-00001-of-00002.safetensors",
          "model-00002-of-00002.safetensors", "model.safetensors.index.json", "consolidated.safetensors",
          "chat_template.jinja", "model.gguf",
        ]) == [
          "config.json", "chat_template.jinja", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
          "model-00002-of-00002.safetensors",
        ])
  }

  @Test("the only GGUF file will do; of several the caller has to choose; none is an error")
  func fallsBackToGGUF() throws {
    #expect(try select(.policy, ["README.md", "m.Q4_1.gguf"]) == ["m.Q4_1.gguf"])
    #expect(throws: ModelHubError.ambiguousWeights(repository: "o/m", candidates: ["a.gguf", "b.gguf"])) {
      try select(.policy, ["a.gguf", "b.gguf"])
    }
    #expect(throws: ModelHubError.self) { try select(.policy, ["config.json", "pytorch_model.bin"]) }
    #expect(try select(.matching(["*Q8_0*"]), ["a.Q4_1.gguf", "sub/a.Q8_0.gguf"]) == ["sub/a.Q8_0.gguf"])
    #expect(throws: ModelHubError.nothingSelected(repository: "o/m", wanted: ["x*"], available: ["a"])) {
      try select(.matching(["x*"]), ["a"])
    }
  }

  @Test(
    "globs match whole paths",
    arguments: [
      ("*.gguf", "a/b.gguf", true), ("*.gguf", "b.gguf.part", false), ("a?c", "abc", true), ("a?c", "ac", false),
      ("*", "", true), ("", "", true), ("", "a", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
      ("**x", "x", true), ("?", "", false),
    ])
  func matchesGlobs(pattern: String, path: String, expected: Bool) {
    #expect(FileSelection.matches(path, pattern: pattern) == expected)
  }

  @Test("names that are no repository are refused", arguments: ["", "a/b/c", "../x", "a//b", "a b/c", "a/b?x", "-/-"])
  func refusesNames(name: String) {
    #expect(throws: ModelHubError.self) { try RepositoryReference(name: name, revision: "main") }
  }

  @Test("names and revisions of real repositories are accepted and encoded")
  func acceptsNames() throws {
    for name in ["HuggingFaceTB/SmolLM2-135M-Instruct", "gpt2", "Qwen/Qwen2.5-0.5B", "01-ai/Yi_6B"] {
      #expect(try RepositoryReference(name: name, revision: "refs/pr/1").name == name)
    }
    #expect(WebAddress.encoded(component: "refs/pr/1") == "refs%2Fpr%2F1")
    #expect(WebAddress.encoded(path: "a b/ü#?.txt") == "a%20b/%C3%BC%23%3F.txt")
  }

  @Test(
    "byte counts read as people write them",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
      (269_060_552, "269.1 MB"),
    ])
  func writesByteCounts(bytes: Int, text: String) {
    #expect(ByteCount(bytes).description == text)
  }

  @Test("retry delays double up to their limit, which also bounds what the hub asks for")
  func backsOff() {
    let limits = TransferLimits(firstRetryDelay: .seconds(1), longestRetryDelay: .seconds(10))
    #expect(
      (1...6).map { limits.retryDelay(afterFailure: $0, requested: nil) }
        == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    #expect(limits.retryDelay(afterFailure: 1, requested: .seconds(5)) == .seconds(5))
    #expect(limits.retryDelay(afterFailure: 1, requested: .seconds(3600)) == .seconds(10))
    #expect(limits.retryDelay(afterFailure: .max, requested: nil) == .seconds(10))
  }
}
