import AgentCore
import CKernels
import Glibc

/// A Llama-architecture language model: forward over cached sequences, and scores with gradients for training.
///
/// Both go through the same kernels in the same order, so that on the same weights a token's log-probability in
/// training equals the one at sampling bit for bit, whatever the batch, the chunks or the number of threads.
///
/// Not `Sendable`: one executor owns it.
public final class Transformer {
  public let configuration: TransformerConfiguration
  /// The weights. After changing them, call `parametersChanged()`.
  public let parameters: ParameterBuffer
  public let threads: ComputeThreads

  let layers: [LayerWeights]
  let output: PackedMatrix
  let rotary: RotaryTable
  let cacheLayout: PageLayout
  private let pagePool: PagePool
  let scratch = ForwardScratch()
  private(set) var training = TrainingMemory()
  var logitsStorage = LogitsStorage(count: 0)

  /// A model over the given weights, which it keeps and shares with the caller.
  ///
  /// Traps if the configuration makes no model or the buffer holds other tensors: both are checked where files are read.
  public init(configuration: TransformerConfiguration, parameters: ParameterBuffer, threads: ComputeThreads) {
    if let problem = configuration.problem { preconditionFailure("invalid configuration: \(problem)") }
    let expected = configuration.tensorShapes
    precondition(
      expected.count == parameters.tensors.count
        && zip(expected, parameters.tensors).allSatisfy { $0.name == $1.name && $0.shape == $1.shape },
      "the parameters are not those of this configuration")
    self.configuration = configuration
    self.parameters = parameters
    self.threads = threads
    let outputFloats = PackedMatrix.floatCount(columns: configuration.vocabularySize, depth: configuration.width)
    let packed = FloatBuffer(count: configuration.layers * LayerWeights.packedCount(configuration) + outputFloats)
    var offset = 0
    layers = (0..<configuration.layers).map {
      LayerWeights(configuration, layer: $0, parameters: parameters, packed: packed, at: &offset)
    }
    output = PackedMatrix(
      columns: configuration.vocabularySize, depth: configuration.width, in: packed, at: &offset)
    rotary = RotaryTable(headWidth: configuration.headWidth, theta: configuration.ropeTheta)
    cacheLayout = PageLayout(configuration, layers: configuration.layers)
    pagePool = PagePool(pageFloats: cacheLayout.pageFloats)
    parametersChanged()
  }

  /// A model with random weights: normal with standard deviation 0.02, scaled by 1/√(2 · layers) where a block writes to
  /// the residual stream (Radford et al. 2019, section 2.3); norms are 1. The same seed gives the same bits everywhere.
  public static func randomlyInitialized(
    _ configuration: TransformerConfiguration, seed: Int, threads: ComputeThreads, standardDeviation: Double = 0.02
  ) -> Transformer {
    let parameters = ParameterBuffer(configuration: configuration)
    let residual = standardDeviation / (2 * Double(configuration.layers)).squareRoot()
    for (index, tensor) in parameters.tensors.enumerated() {
      if tensor.shape.count == 1 {
        parameters.withMutableTensor(tensor) { $0.update(repeating: 1) }
        continue
      }
      let writesResidual = tensor.name.hasSuffix("o_proj.weight") || tensor.name.hasSuffix("down_proj.weight")
      var stream = RandomStream(seed: seed, purpose: "initialization", index)
      parameters.withMutableTensor(tensor) {
        fillNormal($0, deviation: writesResidual ? residual : standardDeviation, stream: &stream)
      }
    }
    return Transformer(configuration: configuration, parameters: parameters, threads: threads)
  }

  /// Repacks the weights for the kernels; once after every change of `parameters`. Caches filled before are stale.
  public func parametersChanged() {
    for (index, layer) in layers.enumerated() {
      layer.pack(configuration, layer: index, parameters: parameters, threads: threads)
    }
    output.pack([(outputWeights(of: parameters), configuration.vocabularySize)], threads: threads)
    training.scored = nil
  }

  /// Gives the memory of activations and gradients' scratch back to the system; the next batch takes it again.
  public func releaseTrainingMemory() { training = TrainingMemory() }

  /// Bytes of activations that a scored batch keeps for each of its rows (`TrainingBatch.rowCount`).
  public var activationBytesPerRow: Int {
    let floats = 2 * configuration.width + configuration.qkvWidth + configuration.queryWidth
    return 4 * configuration.layers * (floats + 2 * configuration.feedForwardWidth)
  }

  /// An empty cache for one sequence.
  public func makeCache() -> KeyValueCache { KeyValueCache(layout: cacheLayout, pool: pagePool) }

  /// The output layer's weights (or gradients): its own, or the embedding's if tied.
  func outputWeights(of buffer: ParameterBuffer) -> UnsafeMutablePointer<Float> {
    buffer.pointer(configuration.tiedEmbeddings ? TensorName.embedding : TensorName.output)
  }
}

/// Box-Muller, two values a draw.
private func fillNormal(
  _ values: UnsafeMutableBufferPointer<Float>, deviation: Double, stream: inout RandomStream
) {
  var index = 0
  while index < values.count {
    let radius = (-2 * log(1 - stream.uniform())).squareRoot() * deviation
    let angle = 2 * Double.pi * stream.uniform()
    values[index] = Float(radius * cos(angle))
    if index + 1 < values.count { values[index + 1] = Float(radius * sin(angle)) }
    index += 2
  }
}
