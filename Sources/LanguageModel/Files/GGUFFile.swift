/// A GGUF file, version 2 or 3: metadata and where the tensors lie. Data is read when a tensor is decoded.
struct GGUFFile {
  let file: MappedFile
  private(set) var metadata: [String: GGUFValue] = [:]
  /// Tensors by their GGUF names (`blk.0.attn_q.weight`), shapes row major.
  private(set) var tensors: [String: StoredTensor] = [:]

  static let magic: [UInt8] = Array("GGUF".utf8)
  private static let mostDimensions = 4

  init(_ file: MappedFile) throws(ModelFileError) {
    self.file = file
    var reader = ByteReader(file)
    guard Array(try reader.bytes(4, "magic")) == Self.magic else { throw .unknownFormat(path: file.path) }
    let version = try reader.integer(UInt32.self, "version")
    guard version == 2 || version == 3 else {
      throw .unsupported(
        path: file.path, place: "GGUF version", found: "\(version)", supported: "2 and 3, little endian")
    }
    // A tensor's description takes at least 24 bytes, a metadata entry at least 13.
    let tensorCount = try reader.count("number of tensors", minimumSize: 24)
    let entryCount = try reader.count("number of metadata entries", minimumSize: 13)
    for _ in 0..<entryCount {
      let key = try reader.string("metadata key")
      metadata[key] = try reader.ggufValue(key)
    }
    try readTensors(&reader, count: tensorCount)
  }

  private struct Description {
    let name: String
    let shape: [Int]
    let format: TensorFormat
    let offset: UInt64
  }

  private mutating func readTensors(_ reader: inout ByteReader, count: Int) throws(ModelFileError) {
    var descriptions: [Description] = []
    for _ in 0..<count { descriptions.append(try Self.readDescription(&reader)) }
    let alignment = metadata["general.alignment"]?.intValue ?? 32
    guard alignment >= 1, alignment <= 1 << 20 else {
      throw .malformed(path: file.path, place: "metadata general.alignment", problem: "\(alignment)")
    }
    let start = (reader.offset + alignment - 1) / alignment * alignment
    for description in descriptions {
      let tensor = try place(description, dataStart: start)
      guard tensors.updateValue(tensor, forKey: description.name) == nil else {
        throw .malformed(path: file.path, place: "tensor \(description.name)", problem: "described twice")
      }
    }
    try checkOverlap(path: file.path, Array(tensors.values))
  }

  private static func readDescription(_ reader: inout ByteReader) throws(ModelFileError) -> Description {
    let name = try reader.string("tensor name")
    let dimensions = try reader.integer(UInt32.self, "dimensions of \(name)")
    guard dimensions >= 1, dimensions <= mostDimensions else {
      throw .malformed(
        path: reader.file.path, place: "tensor \(name)", problem: "\(dimensions) dimensions, not 1...\(mostDimensions)")
    }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      let size = try reader.integer(UInt64.self, "shape of \(name)")
      guard let size = Int(exactly: size) else {
        throw .malformed(path: reader.file.path, place: "tensor \(name)", problem: "a dimension of \(size)")
      }
      shape.insert(size, at: 0)  // GGUF lists the fastest dimension first
    }
    let type = try reader.integer(UInt32.self, "type of \(name)")
    guard let format = TensorFormat(ggufType: type) else {
      throw .unsupported(
        path: reader.file.path, place: "type of tensor \(name)", found: "ggml type \(type)",
        supported: TensorFormat.supported)
    }
    return Description(
      name: name, shape: shape, format: format, offset: try reader.integer(UInt64.self, "offset of \(name)"))
  }

  private func place(_ description: Description, dataStart: Int) throws(ModelFileError) -> StoredTensor {
    guard
      let count = StoredTensor.valueCount(description.shape),
      (description.shape.last ?? 0) % description.format.block.values == 0,
      let bytes = description.format.byteCount(count)
    else {
      throw .malformed(
        path: file.path, place: "tensor \(description.name)",
        problem: "shape \(description.shape) is no whole number of \(description.format.rawValue) blocks")
    }
    guard let offset = Int(exactly: description.offset), offset <= file.count, dataStart <= file.count - offset else {
      throw .truncated(
        path: file.path, reading: "tensor \(description.name)", offset: dataStart, needed: bytes,
        available: max(0, file.count - dataStart))
    }
    _ = try file.bytes(dataStart + offset, bytes, reading: "tensor \(description.name)")
    return StoredTensor(
      file: file, name: description.name, shape: description.shape, format: description.format,
      offset: dataStart + offset, byteCount: bytes)
  }
}

/// Two tensors never share bytes; a file that says so is damaged.
func checkOverlap(path: String, _ tensors: [StoredTensor]) throws(ModelFileError) {
  let sorted = tensors.filter { $0.byteCount > 0 }.sorted { ($0.offset, $0.name) < ($1.offset, $1.name) }
  for (tensor, next) in zip(sorted, sorted.dropFirst()) where tensor.offset + tensor.byteCount > next.offset {
    throw .malformed(path: path, place: "tensor \(next.name)", problem: "overlaps tensor \(tensor.name)")
  }
}
