import AgentCore

/// A model read from a file or folder.
public struct LoadedModel {
  public let configuration: TransformerConfiguration
  public let parameters: ParameterBuffer
  /// What the file says about tokens.
  public let tokenizer: TokenizerSource
}

/// Where a model's tokenizer and chat template come from. Interpreting them is the tokenizer's business.
public enum TokenizerSource: Sendable {
  /// All metadata of a GGUF file: `tokenizer.ggml.tokens`, `.merges`, `.token_type`, `.pre`, `tokenizer.chat_template`, …
  case gguf([String: GGUFValue])
  /// The folder of a checkpoint, which holds `tokenizer.json` and `tokenizer_config.json`.
  case folder(String)
}

/// Model files in and out.
public enum ModelFile {
  /// Reads a `.gguf` file, a `.safetensors` file beside its `config.json`, or a folder with `config.json` and
  /// safetensors. Values of all supported formats become Float32.
  public static func load(_ path: String) throws(ModelFileError) -> LoadedModel {
    if isFolder(path) { return try loadCheckpoint(folder: path) }
    let file = try MappedFile(path)
    if Array(try file.bytes(0, min(4, file.count), reading: "magic")) == GGUFFile.magic {
      return try loadGGUF(try GGUFFile(file))
    }
    guard path.hasSuffix(".safetensors") else { throw .unknownFormat(path: path) }
    return try loadCheckpoint(folder: parentFolder(of: path), weights: path)
  }

  /// The configuration alone, without reading the weights.
  public static func configuration(of path: String) throws(ModelFileError) -> TransformerConfiguration {
    if isFolder(path) { return try checkpointConfiguration(folder: path) }
    let file = try MappedFile(path)
    if Array(try file.bytes(0, min(4, file.count), reading: "magic")) == GGUFFile.magic {
      return try GGUFFile(file).configuration()
    }
    guard path.hasSuffix(".safetensors") else { throw .unknownFormat(path: path) }
    return try checkpointConfiguration(folder: parentFolder(of: path))
  }

  /// Where the tokenizer of a model comes from, without reading the weights.
  public static func tokenizerSource(of path: String) throws(ModelFileError) -> TokenizerSource {
    if isFolder(path) { return .folder(path) }
    let file = try MappedFile(path)
    if Array(try file.bytes(0, min(4, file.count), reading: "magic")) == GGUFFile.magic {
      return .gguf(try GGUFFile(file).metadata)
    }
    guard path.hasSuffix(".safetensors") else { throw .unknownFormat(path: path) }
    return .folder(parentFolder(of: path))
  }
}
