import AgentCore
import LanguageModel

/// A sequence that an engine keeps: its tokens so far and their keys and values.
public struct SequenceHandle: Hashable, Sendable {
  /// Which of the engine's sequences.
  public let number: Int

  /// Names a sequence; only the engine that keeps it gives out its handle.
  public init(number: Int) { self.number = number }
}

/// How the next tokens are chosen.
public struct SamplingSettings: Sendable, Hashable {
  /// 0 takes the most likely token.
  public var temperature: Float
  /// Keep only the k most likely tokens; 0 keeps all.
  public var topK: Int
  /// Keep the most likely tokens up to this total probability; 1 keeps all.
  public var topP: Float
  /// Drop tokens less likely than this part of the most likely one; 0 drops none.
  public var minP: Float

  /// Describes a sampling distribution; the default is the model's own.
  public init(temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
  }

  /// The settings as the sampler takes them.
  var parameters: SamplingParameters {
    SamplingParameters(
      temperature: temperature, topK: topK > 0 ? topK : nil, topP: topP < 1 ? topP : nil, minP: minP > 0 ? minP : nil)
  }

  /// The settings as a record keeps them.
  public var json: JSONObject {
    var fields: JSONObject = ["temperature": JSONValue(temperature)]
    if topK > 0 { fields["top_k"] = JSONValue(topK) }
    if topP < 1 { fields["top_p"] = JSONValue(topP) }
    if minP > 0 { fields["min_p"] = JSONValue(minP) }
    return fields
  }
}

/// One continuation that is asked for.
public struct GenerationRequest: Sendable {
  public var sequence: SequenceHandle
  /// Ids to append before sampling: the observation since the last turn.
  public var appending: [Int32]
  public var sampling: SamplingSettings
  public var maxTokens: Int
  /// Ids that end the turn; the one that was sampled is part of the result.
  public var stopTokenIDs: Set<Int32>
  /// Where the randomness of this continuation comes from: one number a token, in order.
  public var random: RandomStream

  /// Asks for a continuation.
  public init(
    sequence: SequenceHandle, appending: [Int32] = [], sampling: SamplingSettings, maxTokens: Int,
    stopTokenIDs: Set<Int32>, random: RandomStream
  ) {
    self.sequence = sequence
    self.appending = appending
    self.sampling = sampling
    self.maxTokens = maxTokens
    self.stopTokenIDs = stopTokenIDs
    self.random = random
  }
}

/// What was sampled.
public struct Generation: Sendable, Equatable {
  public var ids: [Int32]
  /// log π of each id at the sampling temperature (1 where the most likely token is taken), over the whole vocabulary:
  /// truncation by top-k, top-p or min-p chooses among the ids and does not change what the policy thinks of them.
  public var logprobs: [Float]
  public var finish: FinishReason

  /// Describes what was sampled.
  public init(ids: [Int32], logprobs: [Float], finish: FinishReason) {
    self.ids = ids
    self.logprobs = logprobs
    self.finish = finish
  }
}

/// Token ids in, sampled ids with their log-probabilities out; many sequences at once.
///
/// A sequence only ever grows at its end, so that the prompt of a turn is, id for id, everything before it.
public protocol PolicyEngine: Sendable {
  /// Most tokens in a sequence.
  var contextLength: Int { get async }

  /// Starts a sequence with a prompt.
  func open(prompt: [Int32]) async throws -> SequenceHandle

  /// Computes what the sequence holds so far, so that forks share it.
  func prefill(_ sequence: SequenceHandle) async throws

  /// A second sequence with the same past.
  func fork(_ sequence: SequenceHandle) async throws -> SequenceHandle

  /// Appends ids and samples until a stop id or the limit.
  func generate(_ request: GenerationRequest) async throws -> Generation

  /// Every id of the sequence so far.
  func tokens(of sequence: SequenceHandle) async throws -> [Int32]

  /// Forgets the sequence.
  func release(_ sequence: SequenceHandle) async
}

/// Why a policy engine cannot do what was asked.
public enum PolicyEngineError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownSequence
  /// A second request for a sequence that is being continued.
  case sequenceBusy
  case emptyPrompt
  case nothingToSample(maxTokens: Int)
  case contextExceeded(tokens: Int, limit: Int)
  case tokenOutOfRange(Int32, vocabulary: Int)
  case notFinite(sequenceLength: Int)

  public var description: String {
    switch self {
    case .unknownSequence: "the sequence was released or never opened"
    case .sequenceBusy: "the sequence is being continued already: wait for its answer, or fork it before"
    case .emptyPrompt: "the prompt has no tokens"
    case .nothingToSample(let count): "\(count) tokens were asked for: ask for at least one"
    case .contextExceeded(let tokens, let limit):
      "\(tokens) tokens exceed the policy's context of \(limit): shorten the prompt or lower max_turn_tokens"
    case .tokenOutOfRange(let id, let vocabulary):
      "token id \(id) is outside the vocabulary of \(vocabulary): was it made with another tokenizer?"
    case .notFinite(let length):
      "the policy's logits are not finite after \(length) tokens: the weights are damaged or training diverged"
    }
  }
}
