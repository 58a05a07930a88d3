import AgentCore

/// What a manifest may say about a knowledge graph.
public struct KnowledgeGraphSettings: Sendable, Hashable {
  /// Path of the triples: `.tsv`, `.jsonl` or `.nt`.
  public var file: String
  /// Lines of a result; how many more there are is said.
  public var maxResults = 30
  /// The longest path that may be asked for.
  public var maxHops = 4

  public init(file: String) {
    self.file = file
  }
}

/// Questions about a graph of triples: `{"operation": "neighbours", "entity": "Paris"}`.
public struct KnowledgeGraphTool: Tool {
  public let schema: ToolSchema
  public let pureOver: String?
  private let graph: KnowledgeGraph
  private let settings: KnowledgeGraphSettings

  private static let graphs = FilesRead<KnowledgeGraph>()

  /// Reads the file, unless it was read before and has not changed.
  /// - Throws: `KnowledgeGraphError` if the file cannot be read, with the line that is wrong.
  public init(settings: KnowledgeGraphSettings) throws(KnowledgeGraphError) {
    let graph = try Self.graphs.value(at: settings.file) { path throws(KnowledgeGraphError) in
      try KnowledgeGraph(path: path)
    }
    self.init(graph: graph, settings: settings)
  }

  /// A tool over a graph that was read before; sessions share it.
  public init(graph: KnowledgeGraph, settings: KnowledgeGraphSettings) {
    self.graph = graph
    self.settings = settings
    pureOver = "\(graph.digest) \(settings.maxResults) \(settings.maxHops)"
    schema = ToolSchema(
      name: "graph",
      description: "Look things up in a knowledge graph of \(graph.tripleCount) facts (subject | relation | object). "
        + "neighbours: the facts about an entity, of one relation if given. relations: which relations an entity has, "
        + "or all there are. paths: how an entity is connected to a target. search: entities with names like a text. "
        + "Relations: \(Self.summary(graph))",
      parameters: [
        "type": "object",
        "properties": [
          "operation": ["type": "string", "enum": .array(Operation.allCases.map { .string($0.rawValue) })],
          "entity": ["type": "string", "description": "An entity's name; for search, what to look for"],
          "relation": ["type": "string", "description": "Only facts of this relation"],
          "target": ["type": "string", "description": "Where paths end"],
          "max_hops": [
            "type": "integer", "minimum": 1, "maximum": JSONValue(settings.maxHops),
            "description": "The longest path",
          ],
        ],
        "required": ["operation"],
        "additionalProperties": false,
      ])
  }

  private enum Operation: String, CaseIterable {
    case neighbours, relations, paths, search
  }

  private static func summary(_ graph: KnowledgeGraph) -> String {
    let shown = graph.relations.prefix(40).map(line).joined(separator: ", ")
    return graph.relations.count > 40 ? "\(shown), … \(graph.relations.count - 40) more." : "\(shown)."
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async -> ToolOutput {
    do {
      let operation = arguments["operation"]?.stringValue.flatMap(Operation.init(rawValue:)) ?? .search
      let relation = try relation(arguments["relation"]?.stringValue)
      switch operation {
      case .search: return .ok(shown(search(try text(arguments, "entity", operation))))
      case .relations:
        guard let name = arguments["entity"]?.stringValue else { return .ok(shown(allRelations())) }
        return .ok(shown(relations(of: try entity(name))))
      case .neighbours:
        return .ok(shown(facts(about: try entity(text(arguments, "entity", operation)), relation)))
      case .paths:
        let source = try entity(text(arguments, "entity", operation))
        let target = try entity(text(arguments, "target", operation))
        let hops = arguments["max_hops"]?.intValue ?? settings.maxHops
        return .ok(paths(from: source, to: target, relation, maxHops: min(hops, settings.maxHops)))
      }
    } catch {
      return .error(error.reason)
    }
  }

  // MARK: Arguments

  /// Why a question has no answer, as the policy reads it.
  private struct QuestionError: Error {
    let reason: String
  }

  private func text(_ arguments: JSONObject, _ key: String, _ operation: Operation) throws(QuestionError) -> String {
    guard let text = arguments[key]?.stringValue else {
      throw QuestionError(reason: "`\(operation.rawValue)` needs `\(key)`")
    }
    return text
  }

  private func entity(_ name: String) throws(QuestionError) -> Int32 {
    if let entity = graph.entity(named: name) { return entity }
    let near = graph.names.nearest(to: name, limit: 5, atLeast: 0.25).map { "`\(Self.line(graph.entities[Int($0)]))`" }
    throw QuestionError(
      reason: "there is no entity `\(name)`"
        + (near.isEmpty ? "; search for a part of its name" : "; did you mean \(near.joined(separator: ", "))?"))
  }

  private func relation(_ name: String?) throws(QuestionError) -> Int32? {
    guard let name else { return nil }
    if let relation = graph.relation(named: name) { return relation }
    let near = NameIndex(graph.relations).nearest(to: name, limit: 5, atLeast: 0.2)
    let known = (near.isEmpty ? graph.relations.prefix(20).map { $0 } : near.map { graph.relations[Int($0)] })
      .map { "`\(Self.line($0))`" }.joined(separator: ", ")
    throw QuestionError(
      reason: "there is no relation `\(name)`; " + (near.isEmpty ? "there are \(known)" : "did you mean \(known)?"))
  }

  // MARK: Answers

  /// The first of so many lines.
  private struct Listing {
    var lines: [String]
    var count: Int
    var nothing: String
  }

  private func shown(_ listing: Listing) -> String {
    guard listing.count > 0 else { return listing.nothing }
    let more = listing.count - listing.lines.count
    return (listing.lines + (more > 0 ? ["… \(more) more"] : [])).joined(separator: "\n")
  }

  private func facts(about entity: Int32, _ relation: Int32?) -> Listing {
    let outgoing = relation.map { graph.outgoing[entity, $0] } ?? graph.outgoing[entity]
    let incoming = relation.map { graph.incoming[entity, $0] } ?? graph.incoming[entity]
    let limit = settings.maxResults
    // A fact of an entity about itself stands in both.
    let others = incoming.lazy.filter { $0.entity != entity }
    let lines =
      outgoing.prefix(limit).map { fact(entity, $0.relation, $0.entity) }
      + others.prefix(max(0, limit - outgoing.count)).map { fact($0.entity, $0.relation, entity) }
    return Listing(
      lines: lines, count: outgoing.count + incoming.count { $0.entity != entity },
      nothing: "no facts of that relation about `\(name(entity))`")
  }

  private func relations(of entity: Int32) -> Listing {
    func lines(_ edges: ArraySlice<KnowledgeGraph.Edge>, _ write: (String, Int) -> String) -> [String] {
      edges.chunked { $0.relation == $1.relation }.map { write(relationName($0[$0.startIndex].relation), $0.count) }
    }
    let own = Self.line(name(entity))
    let all =
      lines(graph.outgoing[entity]) { "\(own) | \($0) | \($1) object\($1 == 1 ? "" : "s")" }
      + lines(graph.incoming[entity]) { "\($1) subject\($1 == 1 ? "" : "s") | \($0) | \(own)" }
    return Listing(lines: Array(all.prefix(settings.maxResults)), count: all.count, nothing: "no facts")
  }

  private func allRelations() -> Listing {
    Listing(
      lines: graph.relations.prefix(settings.maxResults).map(Self.line), count: graph.relations.count,
      nothing: "the graph is empty")
  }

  private func search(_ text: String) -> Listing {
    let near = graph.names.nearest(to: text, limit: settings.maxResults, atLeast: 0.1)
    return Listing(
      lines: near.map { Self.line(graph.entities[Int($0)]) }, count: near.count,
      nothing: "no entity has a name like `\(text)`")
  }

  private func paths(from source: Int32, to target: Int32, _ relation: Int32?, maxHops: Int) -> String {
    if source == target { return "`\(name(source))` is both ends" }
    var search = PathSearch(graph, relation: relation, maxPaths: min(10, settings.maxResults))
    let paths = search.paths(from: source, to: target, maxHops: maxHops)
    let lines = paths.map { path in
      path.reduce(Self.line(name(source))) { text, step in
        let relation = relationName(step.relation)
        return text + (step.isReversed ? " <-[\(relation)]- " : " -[\(relation)]-> ") + Self.line(name(step.entity))
      }
    }
    let note = search.isCut ? ["(the search was cut short: ask for fewer hops or one relation)"] : []
    if lines.isEmpty {
      return (["no path of at most \(maxHops) hops between `\(name(source))` and `\(name(target))`"] + note)
        .joined(separator: "\n")
    }
    return (lines + note).joined(separator: "\n")
  }

  private func fact(_ subject: Int32, _ relation: Int32, _ object: Int32) -> String {
    "\(Self.line(name(subject))) | \(relationName(relation)) | \(Self.line(name(object)))"
  }

  private func name(_ entity: Int32) -> String { graph.entities[Int(entity)] }

  private func relationName(_ relation: Int32) -> String { Self.line(graph.relations[Int(relation)]) }

  /// A name on one line, the beginning of a long one.
  private static func line(_ name: String) -> String {
    let flat = name.replacing("\n", with: "\\n").replacing("\r", with: "\\r")
    guard flat.unicodeScalars.count > 300 else { return flat }
    return String(String.UnicodeScalarView(flat.unicodeScalars.prefix(300))) + "…"
  }
}

extension ArraySlice {
  /// The longest runs of neighbours that belong together.
  fileprivate func chunked(by belong: (Element, Element) -> Bool) -> [ArraySlice] {
    var chunks: [ArraySlice] = []
    var start = startIndex
    for index in indices where index + 1 == endIndex || !belong(self[index], self[index + 1]) {
      chunks.append(self[start...index])
      start = index + 1
    }
    return chunks
  }
}
