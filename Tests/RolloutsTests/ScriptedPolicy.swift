import AgentCore
import Rollouts

/// A policy that writes what it was told, turn by turn, through the seam that every policy goes through.
///
/// A turn without a stop id goes on from its beginning until the limit.
actor ScriptedPolicy: PolicyEngine {
  let contextLength = 1 << 20
  private let turns: [[Int32]]
  private var sequences: [Int: [Int32]] = [:]
  private var played: [Int: Int] = [:]
  private var opened = 0
  /// For each request, in order: every id that stood before what was then written.
  private(set) var prompts: [[Int32]] = []

  init(_ turns: [[Int32]]) { self.turns = turns }

  var openSequences: Int { sequences.count }

  func open(prompt: [Int32]) -> SequenceHandle {
    opened += 1
    sequences[opened] = prompt
    return SequenceHandle(number: opened)
  }

  func prefill(_ sequence: SequenceHandle) {}

  func fork(_ sequence: SequenceHandle) throws -> SequenceHandle { open(prompt: try tokens(of: sequence)) }

  func tokens(of sequence: SequenceHandle) throws -> [Int32] {
    guard let tokens = sequences[sequence.number] else { throw PolicyEngineError.unknownSequence }
    return tokens
  }

  func release(_ sequence: SequenceHandle) { sequences[sequence.number] = nil }

  func generate(_ request: GenerationRequest) throws -> Generation {
    let number = request.sequence.number
    let before = try tokens(of: request.sequence) + request.appending
    prompts.append(before)
    let turn = turns[min(played[number, default: 0], turns.count - 1)]
    played[number, default: 0] += 1
    var ids: [Int32] = []
    while ids.count < request.maxTokens, !(ids.last.map(request.stopTokenIDs.contains) ?? false) {
      ids.append(turn[ids.count % turn.count])
    }
    sequences[number] = before + ids
    return Generation(
      ids: ids, logprobs: ids.map { -Float($0 % 7) },
      finish: ids.last.map(request.stopTokenIDs.contains) == true ? .stop : .length)
  }
}
