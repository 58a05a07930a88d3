import AgentCore
import LanguageModel

/// A transformer on its compute thread, as a policy engine.
///
/// All sequences advance together, one forward pass at a time: some read a prompt or an observation, others sample.
/// Since a row's bits do not depend on what else is in the batch, the result of a request does not depend on when it
/// came or on who else was there.
public actor LocalPolicy: PolicyEngine {
  /// The thread that owns the weights. Actors that train the policy share it.
  public nonisolated let executor: ComputeExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  /// The weights; reachable on the compute thread only.
  public nonisolated let model: ComputeConfined<Transformer>
  public nonisolated let configuration: TransformerConfiguration

  /// Most tokens of one sequence in one forward pass while it reads a prompt or an observation.
  static let prefillChunk = 256
  /// Most tokens in one forward pass.
  static let passTokens = 1024

  private var sequences: [Int: SequenceState] = [:]
  private var nextNumber = 0
  private var waiting: [PendingGeneration] = []
  private var active: [PendingGeneration] = []
  private var isRunning = false

  /// How many threads compute, and with which instructions.
  public nonisolated let threadCount: Int
  public nonisolated let instructionSet: String

  /// Takes ownership of the model.
  public init(_ model: sending Transformer, executor: ComputeExecutor = ComputeExecutor()) {
    self.executor = executor
    configuration = model.configuration
    threadCount = model.threads.count
    instructionSet = "\(model.threads.instructionSet)"
    self.model = ComputeConfined(model, on: executor)
  }

  public var contextLength: Int { configuration.contextLength }

  public func open(prompt: [Int32]) throws -> SequenceHandle {
    guard !prompt.isEmpty else { throw PolicyEngineError.emptyPrompt }
    try check(prompt, after: 0)
    return register(SequenceState(cache: model().makeCache(), pending: prompt, tokens: prompt))
  }

  public func prefill(_ sequence: SequenceHandle) throws {
    let state = try state(of: sequence)
    while state.pending.count > 1 {
      let chunk = Array(state.pending.prefix(min(Self.prefillChunk, state.pending.count - 1)))
      _ = try model().forward([ForwardSegment(cache: state.cache, tokens: chunk, logits: .none)])
      state.pending.removeFirst(chunk.count)
    }
  }

  public func fork(_ sequence: SequenceHandle) throws -> SequenceHandle {
    let state = try state(of: sequence)
    return register(SequenceState(cache: state.cache.fork(), pending: state.pending, tokens: state.tokens))
  }

  public func tokens(of sequence: SequenceHandle) throws -> [Int32] { try state(of: sequence).tokens }

  public func release(_ sequence: SequenceHandle) { sequences[sequence.number] = nil }

  public func generate(_ request: GenerationRequest) async throws -> Generation {
    let state = try state(of: request.sequence)
    try check(request.appending, after: state.tokens.count)
    guard request.maxTokens > 0 else { throw PolicyEngineError.nothingToSample(maxTokens: request.maxTokens) }
    guard !state.isBusy else { throw PolicyEngineError.sequenceBusy }
    let room = configuration.contextLength - state.tokens.count - request.appending.count
    guard room > 0 else {
      throw PolicyEngineError.contextExceeded(
        tokens: state.tokens.count + request.appending.count + 1, limit: configuration.contextLength)
    }
    state.pending += request.appending
    state.tokens += request.appending
    return try await withCheckedThrowingContinuation { continuation in
      waiting.append(
        PendingGeneration(
          request: request, state: state, limit: min(room, request.maxTokens), continuation: continuation))
      guard !isRunning else { return }
      isRunning = true
      Task { await self.run() }
    }
  }

  // MARK: The loop

  /// Passes until nobody waits; between two of them new requests come in.
  private func run() async {
    while !waiting.isEmpty || !active.isEmpty {
      active += waiting
      waiting.removeAll()
      pass()
      await Task.yield()
    }
    isRunning = false
  }

  /// One forward pass over everybody's next tokens, and a sampled token for each who is through with reading.
  private func pass() {
    var segments: [ForwardSegment] = []
    var members: [(generation: PendingGeneration, samples: Bool)] = []
    var budget = Self.passTokens
    for generation in active where budget > 0 {
      let state = generation.state
      let chunk = Array(state.pending.prefix(min(Self.prefillChunk, budget)))
      let samples = chunk.count == state.pending.count
      segments.append(ForwardSegment(cache: state.cache, tokens: chunk, logits: samples ? .last : .none))
      members.append((generation, samples))
      budget -= chunk.count
    }
    do {
      let logits = try model().forward(segments)
      var row = 0
      for (index, member) in members.enumerated() {
        member.generation.state.pending.removeFirst(segments[index].tokens.count)
        guard member.samples else { continue }
        sample(member.generation, from: logits, row: row)
        row += 1
      }
    } catch {
      for generation in active { generation.fail(error) }
    }
    active.removeAll(where: \.isDone)
  }

  private func sample(_ generation: PendingGeneration, from logits: Logits, row: Int) {
    let sampling = generation.request.sampling
    do {
      let token = try logits.sample(row: row, sampling.parameters, uniform: generation.random.uniform())
      generation.append(token.id, logprob: token.modelLogprob)
    } catch TransformerError.nonFiniteLogits {
      generation.fail(PolicyEngineError.notFinite(sequenceLength: generation.state.tokens.count))
    } catch {
      generation.fail(error)
    }
  }

  // MARK: Sequences

  private func register(_ state: SequenceState) -> SequenceHandle {
    nextNumber += 1
    sequences[nextNumber] = state
    return SequenceHandle(number: nextNumber)
  }

  private func state(of handle: SequenceHandle) throws -> SequenceState {
    guard let state = sequences[handle.number] else { throw PolicyEngineError.unknownSequence }
    return state
  }

  /// Refuses ids that the policy does not know and sequences beyond its context.
  func check(_ ids: [Int32], after count: Int) throws {
    if let id = ids.first(where: { $0 < 0 || Int($0) >= configuration.vocabularySize }) {
      throw PolicyEngineError.tokenOutOfRange(id, vocabulary: configuration.vocabularySize)
    }
    guard count + ids.count <= configuration.contextLength else {
      throw PolicyEngineError.contextExceeded(tokens: count + ids.count, limit: configuration.contextLength)
    }
  }
}

/// A sequence's cache, the ids that are not in it yet, and all of its ids.
private final class SequenceState {
  let cache: KeyValueCache
  var pending: [Int32]
  var tokens: [Int32]
  /// Whether a request is being answered for it.
  var isBusy = false

  init(cache: KeyValueCache, pending: [Int32], tokens: [Int32]) {
    self.cache = cache
    self.pending = pending
    self.tokens = tokens
  }
}

/// A request that is being answered.
private final class PendingGeneration {
  let request: GenerationRequest
  let state: SequenceState
  var random: RandomStream
  private let limit: Int
  private var continuation: CheckedContinuation<Generation, any Error>?
  private var result = Generation(ids: [], logprobs: [], finish: .length)

  init(
    request: GenerationRequest, state: SequenceState, limit: Int,
    continuation: CheckedContinuation<Generation, any Error>
  ) {
    self.request = request
    self.state = state
    self.limit = limit
    self.continuation = continuation
    random = request.random
    state.isBusy = true
  }

  var isDone: Bool { continuation == nil }

  func append(_ id: Int32, logprob: Float) {
    result.ids.append(id)
    result.logprobs.append(logprob)
    state.tokens.append(id)
    state.pending.append(id)
    let stopped = request.stopTokenIDs.contains(id)
    guard stopped || result.ids.count >= limit else { return }
    result.finish = stopped ? .stop : .length
    end(.success(result))
  }

  func fail(_ error: any Error) { end(.failure(error)) }

  private func end(_ result: Result<Generation, any Error>) {
    state.isBusy = false
    continuation?.resume(with: result)
    continuation = nil
  }
}
