import AgentCore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import AgentTools

/// A search server on a loopback port: answers each POST by a closure, one connection at a time.
private final class SearchServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let bodies = Mutex<[JSONValue]>([])

  var url: String { "http://127.0.0.1:\(port)/retrieve" }
  var requests: [JSONValue] { bodies.withLock { $0 } }

  /// - Parameter answer: status and body for a request's body and its number; nil: the connection is closed unanswered.
  init(_ answer: @escaping @Sendable (JSONValue, Int) -> (Int, String)?) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(listener, generic, length) == 0, listen(listener, 16) == 0,
          getsockname(listener, generic, &length) == 0
        else { throw POSIXError(.EADDRNOTAVAIL) }
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        self?.serve(connection, answer)
        close(connection)
      }
      close(listener)
    }
  }

  /// Ends the thread, which closes the socket: closed here, its number could be another server's by the next `accept`.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ connection: Int32, _ answer: (JSONValue, Int) -> (Int, String)?) {
    guard let body = Self.readBody(connection), let json = try? JSONValue(parsing: body) else { return }
    let number = bodies.withLock {
      $0.append(json)
      return $0.count - 1
    }
    guard let (status, text) = answer(json, number) else { return }
    let head = "HTTP/1.1 \(status) Test\r\nConnection: close\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
    let bytes = Array((head + text).utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private static func readBody(_ connection: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.range(of: "\r\n\r\n"),
        let field = text.range(of: "content-length: ", options: .caseInsensitive),
        let length = Int(text[field.upperBound...].prefix { $0.isNumber })
      else { continue }
      let start = text[..<end.upperBound].utf8.count
      if bytes.count >= start + length { return Array(bytes[start..<start + length]) }
    }
  }
}

@Suite struct SearchServerTests {
  private func search(_ retriever: RemoteRetriever, _ query: SearchQuery = SearchQuery(text: "who?", limit: 2))
    async throws -> [SearchHit]
  {
    try await retriever.search(query, deadline: .now + .seconds(20))
  }

  private func failure(
    within timeout: Duration = .seconds(20), _ answer: @escaping @Sendable (JSONValue, Int) -> (Int, String)?
  ) async throws -> String {
    let server = try SearchServer(answer)
    defer { withExtendedLifetime(server) {} }
    do {
      return "\(try await search(RemoteRetriever(url: server.url, shape: .plain, timeout: timeout)))"
    } catch let error as RetrievalError {
      return error.description
    }
  }

  @Test("a server is asked as Search-R1's is, and its answer read")
  func searchR1() async throws {
    let server = try SearchServer { _, _ in
      (
        200,
        """
        {"result": [[{"document": {"id": "7", "contents": "\\"Paris\\"\\nIt is big."}, "score": 0.5},
          {"document": {"contents": "no title"}, "score": 0.25}, {"document": {"contents": "third"}, "score": 0.1}]]}
        """
      )
    }
    let hits = try await search(RemoteRetriever(url: server.url, shape: .searchR1))
    #expect(
      hits == [
        SearchHit(id: "7", title: "Paris", text: "It is big.", score: 0.5),
        SearchHit(id: "2", text: "no title", score: 0.25),
      ])
    #expect(server.requests == [["queries": ["who?"], "topk": 2, "return_scores": true]])
  }

  @Test("a server is asked as SkyRL-Gym's is, and a flat answer read")
  func skyRL() async throws {
    let server = try SearchServer { _, _ in
      (200, #"{"result": [{"document": "\"T\"\nx", "score": 1}, {"contents": "y"}]}"#)
    }
    let hits = try await search(RemoteRetriever(url: server.url, shape: .skyRL))
    #expect(hits == [SearchHit(id: "1", title: "T", text: "x", score: 1), SearchHit(id: "2", text: "y")])
    #expect(server.requests == [["query": "who?", "topk": 2, "return_scores": true]])
  }

  @Test("a plain server is sent the filter and is read with unknown fields")
  func plain() async throws {
    let server = try SearchServer { _, _ in
      (200, #"{"took": 3, "results": [{"id": 5, "title": "T", "text": "x", "score": 2.5, "extra": {}}]}"#)
    }
    let retriever = RemoteRetriever(url: server.url, shape: .plain, filters: ["topic"])
    let hits = try await search(retriever, SearchQuery(text: "q", limit: 1, filter: ["topic": "art"]))
    #expect(hits == [SearchHit(id: "5", title: "T", text: "x", score: 2.5)])
    #expect(server.requests == [["query": "q", "k": 1, "filter": ["topic": "art"]]])
    let tool = try SearchTool(
      settings: SearchSettings(source: .server(url: server.url, shape: .plain), filters: ["topic"]))
    #expect(tool.schema.parameters["properties"]?["filter"] != nil)
    #expect(tool.pureOver == nil)
    let result = try await ToolRegistry([tool]).call(
      ToolCall(id: "c", name: "search", arguments: ["query": "q"]), deadline: .now + .seconds(20))
    #expect(result.content == "[1] T (id: 5, score: 2.50)\nx")
  }

  @Test("a connection that breaks is tried once more")
  func retry() async throws {
    let server = try SearchServer { _, number in number == 0 ? nil : (200, #"{"results": []}"#) }
    #expect(try await search(RemoteRetriever(url: server.url, shape: .plain)) == [])
    #expect(server.requests.count == 2)
    let dead = try SearchServer { _, _ in nil }
    await #expect(throws: RetrievalError.self) { try await search(RemoteRetriever(url: dead.url, shape: .plain)) }
    #expect(dead.requests.count == 2)
  }

  @Test("a server that is not there is an error that the policy reads")
  func unreachable() async throws {
    let url = try { try SearchServer { _, _ in nil }.url }()
    let tool = try SearchTool(settings: SearchSettings(source: .server(url: url, shape: .searchR1)))
    let result = try await ToolRegistry([tool]).call(
      ToolCall(id: "c", name: "search", arguments: ["query": "q"]), deadline: .now + .seconds(20))
    #expect(result.status == .error)
    #expect(result.content.hasPrefix("error: cannot reach the search server \(url)"))
  }

  @Test(
    "answers of another shape say what is wrong",
    arguments: [
      (200, "nonsense", "invalid JSON"), (200, "[]", "expected an object"), (200, "{}", "results: missing"),
      (200, #"{"results": 1}"#, "expected an array"), (200, #"{"results": [1]}"#, "results[0]: expected an object"),
      (200, #"{"results": [{"id": "a"}]}"#, "a passage has `text`"),
      (200, #"{"results": [{"id": "a", "text": 1}]}"#, "results[0].text: expected a string"),
      (503, "try\nlater", "status 503: try later"), (200, "", "unexpected end"),
    ])
  func badAnswers(status: Int, body: String, problem: String) async throws {
    #expect(try await failure { _, _ in (status, body) }.contains(problem))
  }

  @Test("a server that does not answer is a timeout")
  func timeout() async throws {
    let problem = try await failure(within: .milliseconds(200)) { _, _ in
      Thread.sleep(forTimeInterval: 1.5)
      return (200, "{}")
    }
    #expect(problem.contains("did not answer in time"))
  }
}

@Suite struct SearchRecordingTests {
  private func search(_ retriever: any Retriever, _ text: String, _ limit: Int = 3, filter: JSONObject = .empty)
    async throws -> [SearchHit]
  {
    try await retriever.search(SearchQuery(text: text, limit: limit, filter: filter), deadline: .now + .seconds(60))
  }

  @Test("what was recorded from a live retriever is answered from the file, and nothing else")
  func recordAndAnswer() async throws {
    let folder = try SearchFolder()
    let index = try folder.index(SmallCorpus.passages)
    let path = folder.file("recorded.jsonl")
    let recording = RecordingRetriever(index, path: path)
    let live = try await search(recording, "capital of germany", 2)
    let few = try await search(recording, "bark", 5)
    let filtered = try await search(recording, "capital", 2, filter: ["year": 843])
    #expect(live.count == 2 && few.count == 1 && filtered.count == 1)
    let recorded = try RecordedRetriever(path: path)
    #expect(try await search(recorded, " capital of germany ", 2) == live)
    #expect(try await search(recorded, "capital of germany", 1) == Array(live.prefix(1)))
    // One passage was found of five wanted: there are no more.
    #expect(try await search(recorded, "bark", 9) == few)
    #expect(try await search(recorded, "capital", 2, filter: ["year": 843]) == filtered)
    #expect(recorded.filterFields.map(\.name) == ["year"])
    for (text, limit) in [("capital of germany", 3), ("capital", 2), ("other", 1)] {
      await #expect(throws: RetrievalError.notRecorded(query: text, path: path)) {
        try await search(recorded, text, limit)
      }
    }
  }

  @Test("a query that was not recorded is an error that names it")
  func miss() async throws {
    let folder = try SearchFolder()
    let path = try folder.write(
      "{\"query\": \"a\", \"results\": [{\"id\": \"1\", \"text\": \"x\"}]}\n\n", to: "r.jsonl")
    let tool = try SearchTool(settings: SearchSettings(source: .recorded(path: path)))
    #expect(tool.pureOver != nil)
    let registry = try ToolRegistry([tool])
    let hit = await registry.call(
      ToolCall(id: "c", name: "search", arguments: ["query": "a"]), deadline: .now + .seconds(9))
    #expect(hit.content == "[1] (id: 1)\nx")
    let miss = await registry.call(
      ToolCall(id: "c", name: "search", arguments: ["query": "b"]), deadline: .now + .seconds(9))
    #expect(miss.status == .error && miss.content == "error: no recorded result for `b` in \(path)")
  }

  @Test("recordings that cannot be read are named with their line")
  func bad() throws {
    let folder = try SearchFolder()
    for line in [
      "{", "{\"query\": \"a\"}", "{\"query\": \"a\", \"results\": 1}", "{\"query\": \"a\", \"results\": [{}]}",
      "{\"query\": \"a\", \"results\": [], \"extra\": 1}", "{\"results\": []}",
    ] {
      let path = try folder.write("{\"query\": \"a\", \"results\": []}\n" + line, to: "r.jsonl")
      do throws(SearchToolError) {
        _ = try RecordedRetriever(path: path)
        Issue.record("\(line) was read")
      } catch {
        guard case .badRecording(_, 2, _) = error else {
          Issue.record("\(line): \(error)")
          return
        }
      }
    }
    #expect(throws: SearchToolError.self) { try RecordedRetriever(path: folder.file("none")) }
  }

  @Test("a recording that cannot be written is an error")
  func unwritable() async throws {
    let folder = try SearchFolder()
    let recording = RecordingRetriever(try folder.index(SmallCorpus.passages), path: folder.file("no/folder/r.jsonl"))
    await #expect(throws: RetrievalError.self) { try await search(recording, "capital") }
  }

  @Test("many recordings at once give whole lines")
  func concurrency() async throws {
    let folder = try SearchFolder()
    let recording = RecordingRetriever(try folder.index(SmallCorpus.passages), path: folder.file("r.jsonl"))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<50 { group.addTask { _ = try? await search(recording, "capital \(number)") } }
    }
    let recorded = try RecordedRetriever(path: folder.file("r.jsonl"))
    for number in 0..<50 { #expect(try await search(recorded, "capital \(number)").count == 2) }
  }
}
