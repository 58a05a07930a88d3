import CKernels
import Glibc

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101), bias-corrected, as
/// torch.optim.AdamW computes it.
public final class AdamW {
  /// Constants of the update. The learning rate comes with each step.
  public struct Parameters: Sendable, Equatable {
    /// Decay of the mean of gradients.
    public var beta1: Float = 0.9
    /// Decay of the mean of squared gradients.
    public var beta2: Float = 0.999
    /// Added to the root of the variance.
    public var epsilon: Float = 1e-8
    /// Fraction of the learning rate by which matrices shrink in each step; norms never decay.
    public var weightDecay: Float = 0
    /// Whether embedding and output layer decay too.
    public var decaysEmbeddings = false

    public init() {}
  }

  public let constants: Parameters
  /// Steps taken. Set it when a checkpoint is restored.
  public var stepCount = 0
  /// First and second moments; readable and writable for checkpoints.
  public let mean: ParameterBuffer
  public let variance: ParameterBuffer
  private let threads: ComputeThreads

  /// An optimizer for a model's parameters, with zero moments.
  public init(for parameters: ParameterBuffer, constants: Parameters = Parameters(), threads: ComputeThreads) {
    self.constants = constants
    self.threads = threads
    mean = ParameterBuffer(like: parameters)
    variance = ParameterBuffer(like: parameters)
  }

  /// One update. Call `Transformer.parametersChanged()` afterwards.
  /// - Parameter gradientScale: factor on every gradient, from clipping or averaging.
  public func step(
    parameters: ParameterBuffer, gradients: ParameterBuffer, learningRate: Float, gradientScale: Float = 1
  ) {
    precondition(
      parameters.tensors == mean.tensors && gradients.tensors == mean.tensors,
      "parameters or gradients are not those this optimizer was made for")
    stepCount += 1
    for tensor in mean.tensors {
      var step = ck_adamw_step(
        learning_rate: learningRate, beta1: constants.beta1, beta2: constants.beta2, epsilon: constants.epsilon,
        weight_decay: decays(tensor) ? constants.weightDecay : 0,
        bias1: Float(1 - pow(Double(constants.beta1), Double(stepCount))),
        bias2: Float(1 - pow(Double(constants.beta2), Double(stepCount))), gradient_scale: gradientScale)
      ck_adamw(
        threads.pool, &step, parameters.storage.base + tensor.offset, gradients.storage.base + tensor.offset,
        mean.storage.base + tensor.offset, variance.storage.base + tensor.offset, tensor.count)
    }
  }

  private func decays(_ tensor: ParameterBuffer.Tensor) -> Bool {
    guard tensor.shape.count > 1 else { return false }
    let isEmbedding = tensor.name == TensorName.embedding || tensor.name == TensorName.output
    return constants.decaysEmbeddings || !isEmbedding
  }
}
