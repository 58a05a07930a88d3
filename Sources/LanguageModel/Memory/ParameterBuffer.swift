import AgentCore

/// All tensors of a model in one block of Float32, under their checkpoint names and in a fixed order.
///
/// Weights, gradients and the optimizer's moments are all of this type, so that they can be added, scaled, saved and
/// compared as one. Not `Sendable`: one executor owns it.
public final class ParameterBuffer {
  /// One tensor's place in the block. `shape` is row major, `offset` counts floats.
  public struct Tensor: Sendable, Equatable {
    public let name: String
    public let shape: [Int]
    public let offset: Int
    public let count: Int
  }

  /// The tensors in order; each starts on a 64-byte boundary.
  public let tensors: [Tensor]
  let storage: FloatBuffer
  private let indices: [String: Int]

  /// A zeroed buffer for tensors of the given names and shapes. Names must be unique.
  public init(shapes: [(name: String, shape: [Int])]) {
    var offset = 0
    var tensors: [Tensor] = []
    for (name, shape) in shapes {
      let count = shape.reduce(1, *)
      tensors.append(Tensor(name: name, shape: shape, offset: offset, count: count))
      offset += (count + 15) & ~15
    }
    self.tensors = tensors
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    storage = FloatBuffer(count: offset)
  }

  /// A zeroed buffer for the model's tensors.
  public convenience init(configuration: TransformerConfiguration) { self.init(shapes: configuration.tensorShapes) }

  /// A zeroed buffer with the same tensors as another.
  public convenience init(like other: ParameterBuffer) { self.init(shapes: other.tensors.map { ($0.name, $0.shape) }) }

  /// Floats of the block, with the zero padding between tensors.
  public var storageCount: Int { storage.count }
  /// Number of parameters.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }

  /// The tensor of that name, if there is one.
  public func tensor(named name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// Reads one tensor. The pointer must not leave the closure.
  public func withTensor<R, E: Error>(_ tensor: Tensor, _ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E)
    -> R
  {
    try body(UnsafeBufferPointer(start: storage.base + tensor.offset, count: tensor.count))
  }

  /// Changes one tensor. The pointer must not leave the closure.
  public func withMutableTensor<R, E: Error>(
    _ tensor: Tensor, _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeMutableBufferPointer(start: storage.base + tensor.offset, count: tensor.count))
  }

  /// A copy of one tensor's values; nil if there is no such tensor.
  public func values(of name: String) -> [Float]? {
    tensor(named: name).map { withTensor($0) { Array($0) } }
  }

  /// Replaces one tensor's values.
  public func setValues(_ values: [Float], of name: String) {
    guard let tensor = tensor(named: name) else { preconditionFailure("no tensor named \(name)") }
    precondition(values.count == tensor.count, "\(name) holds \(tensor.count) floats, not \(values.count)")
    withMutableTensor(tensor) { _ = $0.update(fromContentsOf: values) }
  }

  /// Sets every value to zero.
  public func zero() { storage.zero() }

  /// Copies all values of a buffer with the same tensors.
  public func copy(from other: ParameterBuffer) {
    precondition(tensors == other.tensors, "the buffers hold different tensors")
    storage.copy(from: other.storage)
  }

  /// SHA-256 over the tensors in name order: name, a zero byte, the values' little-endian bytes.
  public var digest: String {
    let digest = ContentDigest()
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      digest.update(tensor.name + "\0")
      withTensor(tensor) { digest.update(UnsafeRawBufferPointer($0)) }
    }
    return digest.finalized()
  }

  func pointer(_ name: String) -> UnsafeMutablePointer<Float> {
    guard let tensor = tensor(named: name) else { preconditionFailure("no tensor named \(name)") }
    return storage.base + tensor.offset
  }
}
