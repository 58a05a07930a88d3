import AgentCore
import Foundation
import Testing

@testable import LanguageModel

@Suite struct ModelFileTests {
  static let configuration = TransformerConfiguration(
    vocabularySize: 19, width: 12, layers: 2, heads: 4, keyValueHeads: 2, headWidth: 6, feedForwardWidth: 10,
    contextLength: 64, tiedEmbeddings: false)

  private func model(tied: Bool = false) -> Transformer {
    var configuration = Self.configuration
    configuration.tiedEmbeddings = tied
    return Transformer.randomlyInitialized(configuration, seed: 3, threads: ComputeThreads(count: 1))
  }

  private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
  private func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

  @Test("a saved model is the model that was saved", arguments: [true, false])
  func roundTrip(tied: Bool) throws {
    try withFolder { folder in
      let model = model(tied: tied)
      try ModelFile.save(model.parameters, model.configuration, folder: folder + "/deeper/run")
      for path in [folder + "/deeper/run", folder + "/deeper/run/model.safetensors"] {
        let loaded = try ModelFile.load(path)
        #expect(loaded.configuration == model.configuration)
        #expect(loaded.parameters.digest == model.parameters.digest)
      }
      #expect(try ModelFile.configuration(of: folder + "/deeper/run") == model.configuration)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/deeper/run").sorted()
      #expect(left == ["config.json", "model.safetensors"])
    }
  }

  @Test("moments of the optimizer survive a checkpoint")
  func checkpointedMoments() throws {
    try withFolder { folder in
      let model = model()
      try ModelFile.saveTensors(model.parameters, path: folder + "/mean.safetensors", metadata: [("step", "7")])
      let restored = ParameterBuffer(like: model.parameters)
      try ModelFile.loadTensors(folder + "/mean.safetensors", into: restored)
      #expect(restored.digest == model.parameters.digest)
    }
  }

  @Test("a sharded checkpoint is read through its index")
  func shards() throws {
    try withFolder { folder in
      let model = model()
      try ModelFile.save(model.parameters, model.configuration, folder: folder)
      let names = model.parameters.tensors.map(\.name)
      var map: JSONObject = [:]
      for (part, range) in [("a.safetensors", 0..<5), ("b.safetensors", 5..<names.count)] {
        let shapes = model.parameters.tensors[range].map { ($0.name, $0.shape) }
        let buffer = ParameterBuffer(shapes: shapes)
        for (name, _) in shapes {
          buffer.setValues(try #require(model.parameters.values(of: name)), of: name)
          map[name] = .string(part)
        }
        try ModelFile.saveTensors(buffer, path: folder + "/" + part)
      }
      try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
      let index = JSONValue.object(["weight_map": .object(map)])
      try write(index.serializedBytes(), folder + "/model.safetensors.index.json")
      #expect(try ModelFile.load(folder).parameters.digest == model.parameters.digest)
    }
  }

  @Test("a GGUF file gives the checkpoint's tensors in the checkpoint's order", arguments: [true, false])
  func gguf(tied: Bool) throws {
    try withFolder { folder in
      let model = model(tied: tied)
      try write(GGUFWriter.file(model.configuration, model.parameters), folder + "/model.gguf")
      let loaded = try ModelFile.load(folder + "/model.gguf")
      #expect(loaded.configuration == model.configuration)
      #expect(loaded.parameters.digest == model.parameters.digest)
      guard case .gguf(let metadata) = loaded.tokenizer else {
        Issue.record("no metadata")
        return
      }
      #expect(metadata["tokenizer.ggml.tokens"]?.stringsValue == ["a", "b", "ä"])
      #expect(metadata["tokenizer.ggml.token_type"]?.intsValue == [1, 1, 3])
    }
  }

  @Test("quantised and 16-bit blocks decode as the gguf package decodes them")
  func formats() throws {
    let fixture = try #require(try Fixture.json("tensor-formats.json").objectValue)
    for (name, record) in fixture {
      let format = try #require(TensorFormat(rawValue: name))
      let bytes = try record.ints("bytes").map { UInt8($0) }
      let expected = try record.floats("values")
      var values = [Float](repeating: .nan, count: expected.count)
      bytes.withUnsafeBytes { bytes in values.withUnsafeMutableBufferPointer { format.decode(bytes, into: $0) } }
      #expect(values == expected, "\(name)")
    }
    #expect(fixture.count == 5)
  }

  @Test("a failed write leaves the old file and nothing else")
  func failedWrite() throws {
    try withFolder { folder in
      let model = model()
      let path = folder + "/model.safetensors"
      // A folder in the way: the data can be written, the name cannot be taken.
      try FileManager.default.createDirectory(atPath: path + "/old", withIntermediateDirectories: true)
      #expect(throws: ModelFileError.self) { try ModelFile.saveTensors(model.parameters, path: path) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.safetensors"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["old"])
      #expect(throws: ModelFileError.self) {
        try ModelFile.saveTensors(model.parameters, path: folder + "/missing/model.safetensors")
      }
    }
  }

  @Test("a full device is an error that says so")
  func fullDevice() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    #expect {
      try [UInt8](repeating: 1, count: 100).withUnsafeBytes {
        try AtomicFile.writeAll($0, to: descriptor, path: "/dev/full")
      }
    } throws: { error in
      "\(error)".contains("No space left")
    }
  }

  @Test("errors name the file and what to do")
  func errors() throws {
    try withFolder { folder in
      func problem(_ path: String) -> String {
        do {
          _ = try ModelFile.load(path)
          return "none"
        } catch { return "\(error)" }
      }
      #expect(problem(folder + "/none.gguf").contains("No such file"))
      #expect(problem(folder).contains("config.json"))
      try write(Array("hello".utf8), folder + "/x.bin")
      #expect(problem(folder + "/x.bin").contains("not a model"))
      try write([], folder + "/empty.gguf")
      #expect(problem(folder + "/empty.gguf").contains("not a model"))

      let model = model()
      let gguf = GGUFWriter.file(model.configuration, model.parameters)
      try write(Array(gguf.prefix(gguf.count - 1000)), folder + "/cut.gguf")
      #expect(problem(folder + "/cut.gguf").contains("ends while reading tensor"))
      let other = String(decoding: gguf, as: UTF8.self).contains("llama")
      #expect(other)
      var renamed = gguf
      let name = try #require(renamed.firstRange(of: Array("llama".utf8)))
      renamed.replaceSubrange(name, with: "bloom".utf8)
      try write(renamed, folder + "/bloom.gguf")
      #expect(problem(folder + "/bloom.gguf").contains("architecture is bloom, which is not supported; supported: llama"))

      try ModelFile.save(model.parameters, model.configuration, folder: folder)
      let config = String(decoding: try read(folder + "/config.json"), as: UTF8.self)
      try write(
        Array(config.replacingOccurrences(of: "\"hidden_size\":12", with: "\"hidden_size\":1000000").utf8),
        folder + "/config.json")
      #expect(problem(folder).contains("shape"))
    }
  }

  @Test("damaged files are errors or values, never a trap", arguments: 0..<8)
  func damage(seed: Int) throws {
    try withFolder { folder in
      let model = model()
      try ModelFile.save(model.parameters, model.configuration, folder: folder)
      let files = [
        ("model.gguf", GGUFWriter.file(model.configuration, model.parameters)),
        ("model.safetensors", try read(folder + "/model.safetensors")), ("config.json", try read(folder + "/config.json")),
      ]
      var random = RandomStream(seed: seed, purpose: "damage")
      var rejected = 0
      for _ in 0..<150 {
        let (name, original) = files[random.below(files.count)]
        var bytes = original
        // Most structure is at the beginning.
        let reach = random.below(2) == 0 ? bytes.count : min(bytes.count, 1500)
        switch random.below(4) {
        case 0: bytes.removeLast(random.below(bytes.count))
        case 1: for _ in 0...random.below(8) { bytes[random.below(reach)] = UInt8(random.below(256)) }
        case 2:
          let start = random.below(reach)
          bytes.replaceSubrange(start..<min(bytes.count, start + 8), with: repeatElement(UInt8(random.below(2) * 255), count: 8))
        default: bytes.insert(UInt8(random.below(256)), at: random.below(reach))
        }
        try write(bytes, folder + "/" + name)
        do throws(ModelFileError) {
          _ = try ModelFile.load(name == "model.gguf" ? folder + "/" + name : folder)
        } catch {
          rejected += 1
          #expect(!error.description.isEmpty)
        }
        try write(original, folder + "/" + name)
      }
      #expect(rejected > 30, "seed \(seed)")
    }
  }
}
