/// Why a model file could not be read or written.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system refused: open, map, write, rename.
  case system(path: String, operation: String, reason: String)
  /// Neither a folder with config.json nor a file whose beginning is known.
  case unknownFormat(path: String)
  /// The file ends, or a value points, outside of it.
  case truncated(path: String, reading: String, offset: Int, needed: Int, available: Int)
  /// A value that makes no sense.
  case malformed(path: String, place: String, problem: String)
  /// A valid file that this version cannot run.
  case unsupported(path: String, place: String, found: String, supported: String)
  /// A tensor that the model needs and the file lacks.
  case missingTensor(path: String, name: String)

  public var description: String {
    switch self {
    case .system(let path, let operation, let reason): "\(path): cannot \(operation): \(reason)"
    case .unknownFormat(let path):
      "\(path): not a model; give a .gguf file, a .safetensors file beside its config.json, or a folder with config.json"
    case .truncated(let path, let reading, let offset, let needed, let available):
      "\(path): ends while reading \(reading): \(needed) bytes needed at offset \(offset), \(available) there; "
        + "download the file again"
    case .malformed(let path, let place, let problem):
      "\(path): \(place): \(problem); the file is damaged, download it again"
    case .unsupported(let path, let place, let found, let supported):
      "\(path): \(place) is \(found), which is not supported; supported: \(supported)"
    case .missingTensor(let path, let name):
      "\(path): tensor \(name) is missing; the file is incomplete or of another architecture"
    }
  }
}
