import CKernels

/// How a file stores a tensor's values.
enum TensorFormat: String, Sendable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q4_0 = "Q4_0"
  case q4_1 = "Q4_1"
  case q8_0 = "Q8_0"

  /// GGUF's numbers (enum ggml_type).
  init?(ggufType: UInt32) {
    switch ggufType {
    case 0: self = .f32
    case 1: self = .f16
    case 2: self = .q4_0
    case 3: self = .q4_1
    case 8: self = .q8_0
    case 30: self = .bf16
    default: return nil
    }
  }

  /// Values stored together, and their bytes.
  var block: (values: Int, bytes: Int) {
    switch self {
    case .f32: (1, 4)
    case .f16, .bf16: (1, 2)
    case .q4_0: (32, 18)
    case .q4_1: (32, 20)
    case .q8_0: (32, 34)
    }
  }

  /// Bytes of `count` values; nil if they are no whole number of blocks or too many to count.
  func byteCount(_ count: Int) -> Int? {
    guard count >= 0, count % block.values == 0 else { return nil }
    let (bytes, overflow) = (count / block.values).multipliedReportingOverflow(by: block.bytes)
    return overflow ? nil : bytes
  }

  /// Decodes `values.count` values. `bytes` holds exactly `byteCount` of them.
  func decode(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(bytes.count == byteCount(values.count), "\(bytes.count) bytes for \(values.count) values")
    guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
    switch self {
    case .f32:
      for index in values.indices {
        let word = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        target[index] = Float(bitPattern: UInt32(littleEndian: word))
      }
    case .f16: ck_from_f16(target, source, values.count)
    case .bf16: ck_from_bf16(target, source, values.count)
    case .q4_0: ck_from_q4_0(target, source, values.count)
    case .q4_1: ck_from_q4_1(target, source, values.count)
    case .q8_0: ck_from_q8_0(target, source, values.count)
    }
  }

  static let supported = "F32, F16, BF16, Q8_0, Q4_0, Q4_1"
}

/// A tensor in a file: row-major shape, and where its bytes are.
struct StoredTensor {
  let file: MappedFile
  let name: String
  let shape: [Int]
  let format: TensorFormat
  let offset: Int
  let byteCount: Int

  /// Number of values; nil if a dimension is negative or the product overflows.
  static func valueCount(_ shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if size < 0 || overflow { return nil }
      count = product
    }
    return count
  }

  func check(shape expected: [Int]) throws(ModelFileError) {
    guard shape == expected else {
      throw .malformed(
        path: file.path, place: "tensor \(name)", problem: "shape \(shape), where the configuration asks for \(expected)")
    }
  }

  /// Decodes the values into a tensor of the same shape.
  func decode(into buffer: ParameterBuffer, _ tensor: ParameterBuffer.Tensor) throws(ModelFileError) {
    try check(shape: tensor.shape)
    let bytes = try file.bytes(offset, byteCount, reading: "tensor \(name)")
    buffer.withMutableTensor(tensor) { format.decode(bytes, into: $0) }
  }
}

extension ModelFile {
  /// A model's parameters from a file's tensors. All names and shapes are checked before memory is taken, so that a
  /// configuration with absurd sizes costs nothing.
  static func decode(
    _ configuration: TransformerConfiguration, path: String, stored: (String) -> StoredTensor?
  ) throws(ModelFileError) -> ParameterBuffer {
    for (name, shape) in configuration.tensorShapes {
      guard let tensor = stored(name) else { throw .missingTensor(path: path, name: name) }
      try tensor.check(shape: shape)
    }
    let parameters = ParameterBuffer(configuration: configuration)
    for tensor in parameters.tensors { try stored(tensor.name)?.decode(into: parameters, tensor) }
    return parameters
  }
}
