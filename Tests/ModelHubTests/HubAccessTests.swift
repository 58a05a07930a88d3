import Foundation
import Testing

@testable import ModelHub

@Suite(.timeLimit(.minutes(2)))
struct HubAccessTests {
  let repository = Repository()
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the token goes to the hub and not to the host that it redirects to; relative redirects stay with it")
  func keepsTokenAtHome() async throws {
    let storage = try HubServer { [repository] request, _ in
      Repository.serve(repository.content("model.safetensors"), to: request)
    }
    let home = try HubServer { [repository, storage = storage.url] request, _ in
      switch request.path {
      case Repository.path(of: "model.safetensors"):
        Answer(status: 302, headers: ["Location": "\(storage)/blob?signature=1"])
      case Repository.path(of: "config.json"): Answer(status: 307, headers: ["Location": "/moved/config.json"])
      case "/moved/config.json": Answer(body: repository.content("config.json"))
      default: repository.answer(request)
      }
    }
    _ = try await pull(home, token: "hf_secret")
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
    #expect(folder.bytes("config.json") == repository.content("config.json"))
    #expect(home.requests.count == 5 && home.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(storage.requests.map(\.path) == ["/blob?signature=1"])
    #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test("a checksum that only the redirect tells is checked, too")
  func usesLinkedEntityTag() async throws {
    let wrong = String(repeating: "b", count: 64)
    let server = try HubServer { [repository] request, _ in
      switch request.path {
      case Repository.listingPath: .json(#"{"siblings":[{"rfilename":"model.safetensors"}]}"#)
      case "/blob": Answer(body: repository.content("model.safetensors"))
      default: Answer(status: 302, headers: ["Location": "/blob", "X-Linked-ETag": "\"\(wrong)\""])
      }
    }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .checksumMismatch("model.safetensors", "sha256:\(wrong)", _)? = error else {
      Issue.record("expected a checksum mismatch, got \(String(describing: error))")
      return
    }
  }

  @Test("a file of unknown size and checksum is resumed only as the version it began as")
  func resumesByEntityTag() async throws {
    let server = try HubServer { [repository] request, count in
      guard request.path == "/owner/small-model/resolve/main/model.safetensors" else {
        return .json(#"{"siblings":[{"rfilename":"model.safetensors"}]}"#)
      }
      var answer = Repository.serve(repository.content("model.safetensors"), to: request)
      answer.headers["ETag"] = "\"version-1\""
      guard count == 0 else { return answer }
      answer.announcedLength = answer.body.count
      answer.body = Array(answer.body.prefix(70_000))
      return answer
    }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
    #expect(server.requests.last?.headers["if-range"] == "\"version-1\"")
    #expect(server.requests.last?.headers["range"] == "bytes=70000-")
  }

  @Test("redirects in a circle end")
  func endsRedirectLoops() async throws {
    let server = try HubServer { _, _ in Answer(status: 302, headers: ["Location": "/again"]) }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .malformedAnswer(_, "more than 8 redirects")? = error else {
      Issue.record("expected an end to the redirects, got \(String(describing: error))")
      return
    }
  }

  @Test("a redirect to anything but http and https is refused", arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x"])
  func refusesOtherSchemes(location: String) async throws {
    let server = try HubServer { _, _ in Answer(status: 302, headers: ["Location": location]) }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .malformedAnswer(_, "it redirects to \(location)")? = error else {
      Issue.record("expected a refusal, got \(String(describing: error))")
      return
    }
  }

  @Test("refusals say what they mean")
  func explainsRefusals() async throws {
    func error(status: Int, code: String?, token: String? = nil) async throws -> (ModelHubError?, HubServer) {
      let server = try HubServer { _, _ in
        Answer(status: status, headers: code.map { ["X-Error-Code": $0] } ?? [:])
      }
      return (await #expect(throws: ModelHubError.self) { try await pull(server, token: token) }, server)
    }
    let name = Repository.name
    var (failure, server) = try await error(status: 401, code: "GatedRepo")
    #expect(failure == .authorizationRequired(repository: name, endpoint: server.url, tokenWasSent: false))
    #expect(failure?.description.contains("set HF_TOKEN") == true)
    (failure, server) = try await error(status: 403, code: "GatedRepo", token: "hf_x")
    #expect(failure == .authorizationRequired(repository: name, endpoint: server.url, tokenWasSent: true))
    (failure, server) = try await error(status: 401, code: "RepoNotFound")
    #expect(failure == .repositoryNotFound(repository: name, endpoint: server.url, tokenWasSent: false))
    (failure, server) = try await error(status: 404, code: "RevisionNotFound")
    #expect(failure == .revisionNotFound(repository: name, revision: "main"))
    (failure, server) = try await error(status: 404, code: nil)
    #expect(failure == .repositoryNotFound(repository: name, endpoint: server.url, tokenWasSent: false))
  }

  @Test("a file that is listed and not there is named")
  func namesMissingFile() async throws {
    let server = try HubServer { [repository] request, _ in
      request.path.hasSuffix("tokenizer.json") ? Answer(status: 404) : repository.answer(request)
    }
    await #expect(
      throws: ModelHubError.fileNotFound(path: "tokenizer.json", repository: Repository.name, revision: "main")
    ) { try await pull(server) }
  }

  @Test("an answer that is no listing is an error", arguments: ["", "<html>", "[]", #"{"siblings":[1]}"#])
  func refusesOtherAnswers(body: String) async throws {
    let server = try HubServer { _, _ in .json(body) }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .malformedAnswer? = error else {
      Issue.record("expected a malformed answer, got \(String(describing: error))")
      return
    }
  }

  @Test(
    "a listed path that leaves the folder is refused before anything is written",
    arguments: ["../model.safetensors", "/model.safetensors", "a/../../model.safetensors", "a//b", "a\\\\b", ".", ""])
  func refusesUnsafePaths(path: String) async throws {
    let server = try HubServer { _, _ in .json(#"{"siblings":[{"rfilename":"\#(path)"}]}"#) }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .unsafePath? = error else {
      Issue.record("expected a refusal, got \(String(describing: error))")
      return
    }
    #expect(folder.names.isEmpty)
  }

  @Test("without a network a complete folder will do, and nothing else")
  func worksOffline() async throws {
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    let offline = try HubAccess(endpoint: server.url, isOffline: true)
    let nothing = ModelHubError.offline(repository: Repository.name, revision: "main", folder: folder.path)
    await #expect(throws: nothing) {
      try await ModelHub.pull(repository: Repository.name, into: folder.path, access: offline)
    }
    let pulled = try await pull(server)
    let requests = server.requests.count
    #expect(try await ModelHub.pull(repository: Repository.name, into: folder.path, access: offline) == pulled)
    #expect(server.requests.count == requests)
    try FileManager.default.removeItem(atPath: folder.path + "/tokenizer.json")
    await #expect(throws: nothing) {
      try await ModelHub.pull(repository: Repository.name, into: folder.path, access: offline)
    }
  }

  @Test("the environment's variables are read as Hugging Face's client reads them")
  func readsEnvironment() throws {
    let plain = try HubAccess(environment: [:])
    #expect(plain == (try HubAccess(endpoint: "https://huggingface.co", token: nil, isOffline: false)))
    let set = try HubAccess(environment: [
      "HF_ENDPOINT": "http://127.0.0.1:8080/", "HF_TOKEN": " hf_x\n", "HF_HUB_OFFLINE": "YES",
    ])
    #expect(set.endpoint == "http://127.0.0.1:8080" && set.token == "hf_x" && set.isOffline)
    #expect(throws: ModelHubError.self) { try HubAccess(endpoint: "huggingface") }
    #expect(throws: ModelHubError.self) { try HubAccess(token: "a\r\nX-Injected: 1") }
  }

  private func pull(_ server: HubServer, token: String? = nil) async throws -> PulledModel {
    try await ModelHub.pull(
      repository: Repository.name, into: folder.path, access: HubAccess(endpoint: server.url, token: token),
      limits: .impatient)
  }
}
