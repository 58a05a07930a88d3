import AgentCore
import Glibc

/// Hugging Face checkpoints: a folder with `config.json` and one or several safetensors files.
extension ModelFile {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func parentFolder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func loadCheckpoint(folder: String, weights: String? = nil) throws(ModelFileError) -> LoadedModel {
    let configuration = try checkpointConfiguration(folder: folder)
    let stored = try checkpointTensors(folder: folder, weights: weights)
    let known = Set(configuration.tensorShapes.map(\.name)).union([TensorName.output])
    let unknown = stored.keys.sorted().first { !known.contains($0) && !$0.hasSuffix("rotary_emb.inv_freq") }
    if let unknown {
      throw .unsupported(path: folder, place: "tensor", found: unknown, supported: "the tensors of a plain Llama model")
    }
    let parameters = try decode(configuration, path: folder) { stored[$0] }
    return LoadedModel(configuration: configuration, parameters: parameters, tokenizer: .folder(folder))
  }

  private static func checkpointTensors(folder: String, weights: String?) throws(ModelFileError)
    -> [String: StoredTensor]
  {
    if let weights { return try SafetensorsFile(try MappedFile(weights)).tensors }
    let index = folder + "/model.safetensors.index.json"
    guard access(index, F_OK) == 0 else {
      return try SafetensorsFile(try MappedFile(folder + "/model.safetensors")).tensors
    }
    guard let map = try readJSON(index)["weight_map"]?.objectValue else {
      throw .malformed(path: index, place: "weight_map", problem: "missing")
    }
    var tensors: [String: StoredTensor] = [:]
    for name in Set(map.values.compactMap(\.stringValue)).sorted() {
      guard !name.contains("/"), !name.isEmpty else {
        throw .malformed(path: index, place: "weight_map", problem: "file name \(name) leaves the folder")
      }
      let part = try SafetensorsFile(try MappedFile(folder + "/" + name)).tensors
      tensors.merge(part) { first, _ in first }
    }
    return tensors
  }

  static func checkpointConfiguration(folder: String) throws(ModelFileError) -> TransformerConfiguration {
    let path = folder + "/config.json"
    return try configuration(from: try readJSON(path), path: path)
  }

  static func readJSON(_ path: String) throws(ModelFileError) -> JSONValue {
    let file = try MappedFile(path)
    do {
      return try JSONValue(parsing: Array(try file.bytes(0, file.count, reading: "text")))
    } catch let error as JSONError {
      throw .malformed(path: path, place: "JSON", problem: "\(error)")
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw .malformed(path: path, place: "JSON", problem: "\(error)")
    }
  }
}
