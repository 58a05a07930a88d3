/// Finds the simple paths between two entities, shortest first; edges are followed in both directions.
///
/// A breadth-first search from the target gives every entity's distance to it; a depth-first search from the source then
/// only takes steps from which the target can still be reached. Work is bounded.
struct PathSearch {
  private let graph: KnowledgeGraph
  private let relation: Int32?
  private let maxPaths: Int
  /// Edges that may still be looked at.
  private var budget: Int
  private(set) var isCut = false
  private var distances: [Int32: Int] = [:]
  private var found: [[Step]] = []

  /// One edge of a path, and where it leads.
  struct Step: Hashable {
    var relation: Int32
    var entity: Int32
    /// Against the direction of the triple.
    var isReversed: Bool
  }

  init(_ graph: KnowledgeGraph, relation: Int32?, maxPaths: Int, budget: Int = 2_000_000) {
    self.graph = graph
    self.relation = relation
    self.maxPaths = maxPaths
    self.budget = budget
  }

  mutating func paths(from source: Int32, to target: Int32, maxHops: Int) -> [[Step]] {
    measure(target, maxHops)
    guard let shortest = distances[source], shortest > 0 else { return [] }
    for length in shortest...max(shortest, maxHops) where length <= maxHops && found.count < maxPaths && !isCut {
      extend([], from: source, visited: [source], left: length)
    }
    return found
  }

  private func steps(from entity: Int32) -> [Step] {
    func steps(_ adjacency: KnowledgeGraph.Adjacency, isReversed: Bool) -> [Step] {
      (relation.map { adjacency[entity, $0] } ?? adjacency[entity]).map {
        Step(relation: $0.relation, entity: $0.entity, isReversed: isReversed)
      }
    }
    return steps(graph.outgoing, isReversed: false) + steps(graph.incoming, isReversed: true)
  }

  /// Distances to the target, as far as the longest path could come from.
  private mutating func measure(_ target: Int32, _ maxHops: Int) {
    distances = [target: 0]
    var frontier = [target]
    for distance in 1...max(1, maxHops) where distance <= maxHops {
      var next: [Int32] = []
      for entity in frontier {
        for step in steps(from: entity) where distances[step.entity] == nil {
          distances[step.entity] = distance
          next.append(step.entity)
        }
        budget -= graph.outgoing[entity].count + graph.incoming[entity].count
        guard budget > 0 else {
          isCut = true
          return
        }
      }
      frontier = next
    }
  }

  /// Adds the paths of exactly `left` further steps that end at the target.
  private mutating func extend(_ path: [Step], from entity: Int32, visited: Set<Int32>, left: Int) {
    if left == 0 {
      found.append(path)
      return
    }
    for step in steps(from: entity) where !visited.contains(step.entity) {
      budget -= 1
      guard budget > 0 else {
        isCut = true
        return
      }
      guard let distance = distances[step.entity], distance <= left - 1, distance > 0 || left == 1 else { continue }
      extend(path + [step], from: step.entity, visited: visited.union([step.entity]), left: left - 1)
      guard found.count < maxPaths else { return }
    }
  }
}
