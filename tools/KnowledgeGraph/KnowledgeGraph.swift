import AgentCore
import Foundation

/// Triples (subject, relation, object) in memory, as compressed adjacency in both directions.
///
/// Entities and relations are numbered in the order of their names, and the edges of an entity are sorted: every answer
/// has one order, whatever that of the file. Equal triples count once. Names that are canonically equivalent in Unicode
/// are one name.
public struct KnowledgeGraph: Sendable {
  /// In order.
  public let entities: [String]
  /// In order.
  public let relations: [String]
  /// Of the file's bytes.
  public let digest: String
  let outgoing: Adjacency
  let incoming: Adjacency
  let names: NameIndex

  public var tripleCount: Int { outgoing.edges.count }

  struct Edge: Sendable, Hashable {
    var relation: Int32
    /// The object of an outgoing edge, the subject of an incoming one.
    var entity: Int32
  }

  /// The edges of entity `e` are `edges[starts[e]..<starts[e + 1]]`, sorted by relation, then entity.
  struct Adjacency: Sendable {
    var starts: [Int32]
    var edges: [Edge]

    subscript(entity: Int32) -> ArraySlice<Edge> {
      edges[Int(starts[Int(entity)])..<Int(starts[Int(entity) + 1])]
    }

    /// The edges of one relation, which stand together.
    subscript(entity: Int32, relation: Int32) -> ArraySlice<Edge> {
      let all = self[entity]
      let first = Self.partition(all) { $0.relation >= relation }
      return all[first..<Self.partition(all[first...]) { $0.relation > relation }]
    }

    /// The index of the first edge of which the condition holds; it must hold for all that follow.
    private static func partition(_ edges: ArraySlice<Edge>, _ condition: (Edge) -> Bool) -> Int {
      var (low, high) = (edges.startIndex, edges.endIndex)
      while low < high {
        let middle = (low + high) / 2
        if condition(edges[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  /// Reads a file of triples: `.tsv` (three columns), `.jsonl` (`{"subject","relation","object"}` or an array of three a
  /// line) or `.nt` (N-Triples).
  ///
  /// - Throws: `KnowledgeGraphError` with the line that is wrong.
  public init(path: String) throws(KnowledgeGraphError) {
    guard let format = TripleFormat(path: path) else { throw .unknownFormat(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path) }
    try self.init(bytes: [UInt8](data), format: format, source: path)
  }

  init(bytes: [UInt8], format: TripleFormat, source: String) throws(KnowledgeGraphError) {
    var reader = TripleReader(format: format, source: source)
    try reader.read(bytes)
    guard Int32(exactly: reader.triples.count) != nil else { throw .tooLarge(path: source) }
    let (entities, newEntity) = Self.ordered(reader.entities)
    let (relations, newRelation) = Self.ordered(reader.relations)
    let triples = Set(
      reader.triples.map {
        Triple(
          subject: newEntity[Int($0.subject)], relation: newRelation[Int($0.relation)],
          object: newEntity[Int($0.object)])
      })
    self.entities = entities
    self.relations = relations
    digest = ContentDigest.of(bytes)
    outgoing = Self.adjacency(
      entities.count, triples.map { ($0.subject, Edge(relation: $0.relation, entity: $0.object)) })
    incoming = Self.adjacency(
      entities.count, triples.map { ($0.object, Edge(relation: $0.relation, entity: $0.subject)) })
    names = NameIndex(entities)
  }

  /// Names in order, and for each old number the new one.
  private static func ordered(_ numbers: [String: Int32]) -> (names: [String], newNumber: [Int32]) {
    let pairs = numbers.sorted { $0.key < $1.key }
    var newNumber = [Int32](repeating: 0, count: pairs.count)
    for (index, pair) in pairs.enumerated() { newNumber[Int(pair.value)] = Int32(index) }
    return (pairs.map(\.key), newNumber)
  }

  private static func adjacency(_ count: Int, _ edges: [(from: Int32, edge: Edge)]) -> Adjacency {
    let sorted = edges.sorted {
      ($0.from, $0.edge.relation, $0.edge.entity) < ($1.from, $1.edge.relation, $1.edge.entity)
    }
    var starts = [Int32](repeating: 0, count: count + 1)
    for (from, _) in sorted { starts[Int(from) + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    return Adjacency(starts: starts, edges: sorted.map(\.edge))
  }

  // MARK: Names

  /// The number of an entity: of exactly that name, or the only one of that name but for case.
  func entity(named name: String) -> Int32? {
    Self.position(of: name, in: entities) ?? names.onlyEntity(foldedLike: name, in: entities)
  }

  func relation(named name: String) -> Int32? { Self.position(of: name, in: relations) }

  private static func position(of name: String, in names: [String]) -> Int32? {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = (low + high) / 2
      if names[middle] < name { low = middle + 1 } else { high = middle }
    }
    return low < names.count && names[low] == name ? Int32(low) : nil
  }
}

/// Why a file of triples cannot be used.
public enum KnowledgeGraphError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownFormat(path: String)
  case unreadable(path: String)
  case badLine(path: String, line: Int, reason: String)
  case tooLarge(path: String)

  public var description: String {
    switch self {
    case .unknownFormat(let path): "\(path): its name must end in .tsv, .jsonl or .nt"
    case .unreadable(let path): "\(path): cannot be read"
    case .badLine(let path, let line, let reason): "\(path):\(line): \(reason)"
    case .tooLarge(let path): "\(path): has more than \(Int32.max) triples"
    }
  }
}
