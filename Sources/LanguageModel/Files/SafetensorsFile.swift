import AgentCore

/// A safetensors file (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, data.
struct SafetensorsFile {
  private(set) var tensors: [String: StoredTensor] = [:]

  /// The format's own limit.
  private static let longestHeader = 100_000_000

  init(_ file: MappedFile) throws(ModelFileError) {
    var reader = ByteReader(file)
    let length = try reader.count("header length", minimumSize: 1)
    guard length <= Self.longestHeader else {
      throw .malformed(path: file.path, place: "header length", problem: "\(length) bytes")
    }
    let header = Array(try reader.bytes(length, "header"))
    let entries: JSONObject
    do {
      entries = try JSONValue(parsing: header).objectValue ?? [:]
    } catch {
      throw .malformed(path: file.path, place: "header", problem: "\(error)")
    }
    for (name, entry) in entries where name != "__metadata__" {
      tensors[name] = try Self.tensor(name, entry, file, dataStart: 8 + length)
    }
    try checkOverlap(path: file.path, Array(tensors.values))
  }

  private static func tensor(_ name: String, _ entry: JSONValue, _ file: MappedFile, dataStart: Int)
    throws(ModelFileError) -> StoredTensor
  {
    guard
      let type = entry["dtype"]?.stringValue,
      let sizes = entry["shape"]?.arrayValue, case let shape = sizes.compactMap(\.intValue), shape.count == sizes.count,
      let offsets = entry["data_offsets"]?.arrayValue?.compactMap(\.intValue), offsets.count == 2,
      offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= file.count
    else {
      throw .malformed(path: file.path, place: "header entry \(name)", problem: "no valid dtype, shape and data_offsets")
    }
    guard let format = TensorFormat(rawValue: type), format.block.values == 1 else {
      throw .unsupported(
        path: file.path, place: "dtype of tensor \(name)", found: type, supported: "F32, F16, BF16")
    }
    let bytes = offsets[1] - offsets[0]
    guard let count = StoredTensor.valueCount(shape), format.byteCount(count) == bytes else {
      throw .malformed(
        path: file.path, place: "header entry \(name)", problem: "shape \(shape) of \(type) is not \(bytes) bytes")
    }
    _ = try file.bytes(dataStart + offsets[0], bytes, reading: "tensor \(name)")
    return StoredTensor(
      file: file, name: name, shape: shape, format: format, offset: dataStart + offsets[0], byteCount: bytes)
  }
}
