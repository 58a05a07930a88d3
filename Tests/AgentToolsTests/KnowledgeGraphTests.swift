import AgentCore
import Testing

@testable import AgentTools

@Suite struct KnowledgeGraphTests {
  static let facts = """
    Paris\tcapital of\tFrance
    Berlin\tcapital of\tGermany
    France\tborders\tGermany
    France\tborders\tSpain
    Madrid\tcapital of\tSpain
    Paris\ttwin of\tRome
    Rome\ttwin of\tParis
    Narcissus\tloves\tNarcissus

    """

  private func graph(_ text: String = facts, _ format: TripleFormat = .tsv) throws -> KnowledgeGraph {
    try KnowledgeGraph(bytes: Array(text.utf8), format: format, source: "facts")
  }

  private func ask(
    _ arguments: JSONObject, of graph: KnowledgeGraph? = nil, change: (inout KnowledgeGraphSettings) -> Void = { _ in }
  ) async throws -> String {
    var settings = KnowledgeGraphSettings(file: "")
    change(&settings)
    let tool = KnowledgeGraphTool(graph: try graph ?? self.graph(), settings: settings)
    let registry = try ToolRegistry([tool])
    return await registry.call(
      ToolCall(id: "c", name: "graph", arguments: .object(arguments)), deadline: .now + .seconds(30)
    ).content
  }

  @Test("neighbours are facts in both directions")
  func neighbours() async throws {
    #expect(
      try await ask(["operation": "neighbours", "entity": "France"])
        == "France | borders | Germany\nFrance | borders | Spain\nParis | capital of | France")
    #expect(
      try await ask(["operation": "neighbours", "entity": "france", "relation": "capital of"])
        == "Paris | capital of | France")
    #expect(try await ask(["operation": "neighbours", "entity": "Narcissus"]) == "Narcissus | loves | Narcissus")
    #expect(
      try await ask(["operation": "neighbours", "entity": "France"]) { $0.maxResults = 2 }
        == "France | borders | Germany\nFrance | borders | Spain\n… 1 more")
    #expect(
      try await ask(["operation": "neighbours", "entity": "Rome", "relation": "borders"])
        == "no facts of that relation about `Rome`")
  }

  @Test("relations are those of an entity, or all")
  func relations() async throws {
    #expect(
      try await ask(["operation": "relations", "entity": "France"])
        == "France | borders | 2 objects\n1 subject | capital of | France")
    #expect(try await ask(["operation": "relations"]) == "borders\ncapital of\nloves\ntwin of")
  }

  @Test("paths are simple and shortest first")
  func paths() async throws {
    #expect(
      try await ask(["operation": "paths", "entity": "Paris", "target": "Madrid"])
        == "Paris -[capital of]-> France -[borders]-> Spain <-[capital of]- Madrid")
    #expect(
      try await ask(["operation": "paths", "entity": "Paris", "target": "Rome"])
        == "Paris -[twin of]-> Rome\nParis <-[twin of]- Rome")
    #expect(
      try await ask(["operation": "paths", "entity": "Paris", "target": "Madrid", "max_hops": 2])
        == "no path of at most 2 hops between `Paris` and `Madrid`")
    #expect(try await ask(["operation": "paths", "entity": "Paris", "target": "Paris"]) == "`Paris` is both ends")
    #expect(
      try await ask(["operation": "paths", "entity": "Paris", "target": "Spain", "relation": "borders"])
        == "no path of at most 4 hops between `Paris` and `Spain`")
  }

  @Test("what is not there is answered with what is like it")
  func unknown() async throws {
    #expect(
      try await ask(["operation": "neighbours", "entity": "Pariss"])
        == "error: there is no entity `Pariss`; did you mean `Paris`?")
    #expect(
      try await ask(["operation": "neighbours", "entity": "Paris", "relation": "capital"])
        == "error: there is no relation `capital`; did you mean `capital of`?")
    #expect(try await ask(["operation": "paths", "entity": "Paris"]) == "error: `paths` needs `target`")
    #expect(try await ask(["operation": "search", "entity": "spai"]) == "Spain")
    #expect(try await ask(["operation": "search", "entity": "zzzz"]) == "no entity has a name like `zzzz`")
  }

  @Test("the same facts in another order and another format are the same graph")
  func formats() throws {
    let tsv = try graph()
    let lines = Self.facts.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    let jsonl = lines.reversed().enumerated().map { index, line in
      let names = line.map(JSONValue.string)
      let value: JSONValue =
        index.isMultiple(of: 2)
        ? .array(names) : ["object": names[2], "subject": names[0], "relation": names[1]]
      return value.serialized()
    }
    let triples = lines.shuffled().map { "<\($0[0])> <\($0[1])>\t\"\($0[2])\"@en . # a fact" }
    for other in [
      try graph(jsonl.joined(separator: "\r\n"), .jsonl), try graph(triples.joined(separator: "\n"), .nt),
      try graph(Self.facts + Self.facts),
    ] {
      #expect(other.entities == tsv.entities)
      #expect(other.relations == tsv.relations)
      #expect(other.outgoing.edges == tsv.outgoing.edges)
      #expect(other.incoming.starts == tsv.incoming.starts)
    }
    #expect(tsv.tripleCount == 8)
  }

  @Test("N-Triples' terms and escapes are read")
  func ntriples() throws {
    let graph = try graph(
      """
      # a comment
      <http://x/a> <http://x/r> "l\\u00e9 \\"q\\"\\n\\U0001F642"^^<http://x/string>.
      _:b1 <http://x/r> _:b2 .
      """, .nt)
    #expect(graph.entities == ["_:b1", "_:b2", "http://x/a", "lé \"q\"\n🙂"])
  }

  @Test(
    "a bad line is an error that names it",
    arguments: [
      ("a\tb\tc\na\tb", TripleFormat.tsv, 2, "found 2 columns"), ("a\t\tc", .tsv, 1, "an empty name"),
      ("\n\n{\"subject\": \"a\"}", .jsonl, 3, "`relation` is missing"), ("[1, 2]", .jsonl, 1, "array of three"),
      ("[\"a\", \"b\", null]", .jsonl, 1, "found null"), ("{", .jsonl, 1, "expected a key"),
      ("{\"subject\":\"a\",\"relation\":\"b\",\"object\":\"c\",\"o\":1}", .jsonl, 1, "unknown field `o`"),
      ("<a> <b> <c>", .nt, 1, "expected ` .`"), ("<a> <b> \"c .", .nt, 1, "no closing"),
      ("<a> \"b\" <c> .", .nt, 1, "as the relation"), ("<a> <b> \"\\uD800\" .", .nt, 1, "is no character"),
      ("<a> <b> \"\\u12\"", .nt, 1, "is no character"), ("<a> <b> \"c\"^<d> .", .nt, 1, "after the literal"),
    ])
  func badLines(text: String, format: TripleFormat, line: Int, reason: String) throws {
    let error = #expect(throws: KnowledgeGraphError.self) { try graph(text, format) }
    #expect(error?.description.hasPrefix("facts:\(line): ") == true)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test("any bytes are a graph or an error", arguments: TripleFormat.allCases)
  func fuzz(format: TripleFormat) throws {
    var random = RandomStream(seed: 11, purpose: "test")
    let alphabet = Array("<>_:\"\\.u0aA#^@ \t\n{}[],\u{0}é".utf8) + [0xFF, 0x80]
    for _ in 0..<3000 {
      let bytes = (0..<Int(random.next() % 60)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      _ = try? KnowledgeGraph(bytes: bytes, format: format, source: "facts")
    }
  }

  @Test("paths agree with trying every walk, on random graphs", arguments: 0..<20)
  func pathsBruteForce(seed: Int) throws {
    var random = RandomStream(seed: seed, purpose: "test")
    let lines = (0..<14).map { _ in "n\(random.next() % 7)\tr\(random.next() % 2)\tn\(random.next() % 7)" }
    let graph = try graph(lines.joined(separator: "\n"))
    guard let source = graph.entity(named: "n0"), let target = graph.entity(named: "n1") else { return }
    var expected: Set<[PathSearch.Step]> = []
    func walk(_ path: [PathSearch.Step], _ at: Int32, _ visited: Set<Int32>) {
      if at == target { expected.insert(path) }
      guard path.count < 3, at != target else { return }
      for (adjacency, isReversed) in [(graph.outgoing, false), (graph.incoming, true)] {
        for edge in adjacency[at] where !visited.contains(edge.entity) {
          let step = PathSearch.Step(relation: edge.relation, entity: edge.entity, isReversed: isReversed)
          walk(path + [step], edge.entity, visited.union([edge.entity]))
        }
      }
    }
    walk([], source, [source])
    var search = PathSearch(graph, relation: nil, maxPaths: 10_000)
    let found = search.paths(from: source, to: target, maxHops: 3)
    #expect(Set(found) == expected)
    #expect(found.count == expected.count)
    #expect(found.map(\.count) == found.map(\.count).sorted())
  }

  @Test("a search among very many paths is cut short and says so")
  func budget() async throws {
    let lines = (0..<120).flatMap { i in (0..<120).map { "a\(i)\tr\tb\($0)" } }
    let graph = try graph(lines.joined(separator: "\n") + "\nb0\tq\tend\n")
    var search = PathSearch(graph, relation: nil, maxPaths: 10_000_000, budget: 40_000)
    let source = try #require(graph.entity(named: "a1"))
    let target = try #require(graph.entity(named: "end"))
    #expect(!search.paths(from: source, to: target, maxHops: 4).isEmpty)
    #expect(search.isCut)
    #expect(try await ask(["operation": "search", "entity": "end"], of: graph) == "end")
  }
}
