import AgentCore
import Foundation
import Synchronization
import Testing

@testable import ModelHub

@Suite(.timeLimit(.minutes(2)))
struct ModelHubTests {
  let repository = Repository()
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func pull(
    _ server: HubServer, token: String? = nil, files: FileSelection = .policy,
    progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
  ) async throws -> PulledModel {
    try await ModelHub.pull(
      repository: Repository.name, files: files, into: folder.path,
      access: HubAccess(endpoint: server.url, token: token), limits: .impatient, progress: progress)
  }

  @Test("a pull brings what a policy needs, of the commit that the branch names, and records where it came from")
  func bringsPolicyFiles() async throws {
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    let reports = Mutex<[PullProgress]>([])
    let model = try await pull(server) { progress in reports.withLock { $0.append(progress) } }

    #expect(model.files == ["config.json", "tokenizer.json", "model.safetensors"])
    #expect(model.commit == Repository.commit)
    #expect(folder.names == ["config.json", "tokenizer.json", "model.safetensors", ".hub.json"])
    for file in model.files { #expect(folder.bytes(file) == repository.content(file)) }
    let record = try #require(try PullRecord.read(from: folder.path))
    #expect(record.commit == Repository.commit && record.files.allSatisfy { $0.checksum != nil })

    let last = try #require(reports.withLock { $0.last })
    let size = model.files.reduce(0) { $0 + repository.content($1).count }
    #expect(last.bytes == size && last.totalSize == size && last.fractionCompleted == 1)
    #expect(last.activity == .fileFinished && last.fileIndex == 3 && last.fileCount == 3)
  }

  @Test("a second pull transfers no file again")
  func keepsCompleteFiles() async throws {
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    _ = try await pull(server)
    let before = server.requests.count
    _ = try await pull(server)
    #expect(server.requests.dropFirst(before).map(\.path) == [Repository.listingPath])
  }

  @Test("a file that was damaged on the disk is fetched again")
  func replacesDamagedFiles() async throws {
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    _ = try await pull(server)
    var damaged = repository.content("model.safetensors")
    damaged[1234] ^= 1
    try folder.write(damaged, to: "model.safetensors")
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
  }

  @Test("a partial file is continued where it ends")
  func resumes() async throws {
    let content = repository.content("model.safetensors")
    try folder.write(Array(content[..<100_000]), to: "model.safetensors.part")
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == content)
    #expect(server.requests.last?.headers["range"] == "bytes=100000-")
  }

  @Test("a server that ignores ranges, or has none there, starts the file over", arguments: [200, 416])
  func startsOver(status: Int) async throws {
    let content = repository.content("model.safetensors")
    try folder.write(Repository.weights(100_000), to: "model.safetensors.part")
    let server = try HubServer { [repository] request, _ in
      guard request.path == Repository.path(of: "model.safetensors") else { return repository.answer(request) }
      if status == 416, request.headers["range"] != nil { return Answer(status: 416) }
      return Answer(body: content)
    }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == content)
  }

  @Test("a partial file of another version is noticed by its checksum and fetched from the start")
  func replacesStalePart() async throws {
    try folder.write(Repository.weights(100_000), to: "model.safetensors.part")
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
    let asked = server.requests.filter { $0.path == Repository.path(of: "model.safetensors") }
    #expect(asked.map { $0.headers["range"] } == ["bytes=100000-", nil])
  }

  @Test("connections that break off are taken up again, each where the last one ended")
  func survivesTruncation() async throws {
    let content = repository.content("model.safetensors")
    let server = try HubServer { [repository] request, count in
      var answer = repository.answer(request)
      guard request.path == Repository.path(of: "model.safetensors"), count < 2 else { return answer }
      answer.announcedLength = answer.body.count
      answer.body = Array(answer.body.prefix(90_000))
      return answer
    }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == content)
    let asked = server.requests.filter { $0.path == Repository.path(of: "model.safetensors") }
    #expect(asked.map { $0.headers["range"] } == [nil, "bytes=90000-", "bytes=180000-"])
  }

  @Test("a transfer that stands still is broken off and taken up again")
  func survivesStall() async throws {
    let server = try HubServer { [repository] request, count in
      var answer = repository.answer(request)
      if request.path == Repository.path(of: "model.safetensors"), count == 0 { answer.stallSeconds = 4 }
      return answer
    }
    _ = try await pull(server)
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
    #expect(server.requests.last?.headers["range"] != nil)
  }

  @Test("503 and 429 are retried, for the listing and for files", arguments: [503, 429])
  func retries(status: Int) async throws {
    let server = try HubServer { [repository] request, count in
      count < 2 ? Answer(status: status, headers: ["Retry-After": "0"]) : repository.answer(request)
    }
    let reports = Mutex<[PullProgress]>([])
    _ = try await pull(server) { progress in reports.withLock { $0.append(progress) } }
    #expect(folder.bytes("model.safetensors") == repository.content("model.safetensors"))
    let retries = reports.withLock { $0 }.filter { if case .retrying = $0.activity { true } else { false } }
    #expect(retries.count == 8)
  }

  @Test("a hub that stays broken ends the pull with its address and what it said")
  func givesUp() async throws {
    let server = try HubServer { _, _ in Answer(status: 502) }
    await #expect(throws: ModelHubError.unreachable(url: server.url, reason: "answered 502", attempts: 4)) {
      try await pull(server)
    }
    #expect(server.requests.count == 4)
  }

  @Test("content with a wrong checksum is deleted and reported", arguments: ["model.safetensors", "config.json"])
  func refusesWrongContent(path: String) async throws {
    let wrong = String(repeating: "a", count: path == "config.json" ? 40 : 64)
    let server = try HubServer { [repository] request, _ in
      guard request.path == Repository.listingPath else { return repository.answer(request) }
      return repository.listing(checksumOf: [path: wrong])
    }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .checksumMismatch(path, let expected, _)? = error else {
      Issue.record("expected a checksum mismatch, got \(String(describing: error))")
      return
    }
    #expect(expected.hasSuffix(wrong))
    #expect(!folder.names.contains(path) && !folder.names.contains("\(path).part"))
  }

  @Test("a body that goes on past its announced size is cut off and deleted")
  func refusesEndlessBody() async throws {
    let server = try HubServer { [repository] request, _ in
      guard request.path == Repository.path(of: "model.safetensors") else { return repository.answer(request) }
      return Answer(body: Repository.weights(400_000))
    }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .sizeMismatch("model.safetensors", 300_000, _)? = error else {
      Issue.record("expected a size mismatch, got \(String(describing: error))")
      return
    }
    #expect(!folder.names.contains("model.safetensors.part"))
  }

  @Test("a full disk is said, and so is a disk that is too small before anything is sent")
  func reportsFullDisk() async throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/model.safetensors.part", withDestinationPath: "/dev/full")
    let server = try HubServer { [repository] request, _ in repository.answer(request) }
    let error = await #expect(throws: ModelHubError.self) { try await pull(server) }
    guard case .diskFull(_, 300_000?, _?)? = error else {
      Issue.record("expected a full disk, got \(String(describing: error))")
      return
    }

    let huge = try HubServer { _, _ in
      .json(#"{"sha":null,"siblings":[{"rfilename":"model.safetensors","size":4611686018427387904}]}"#)
    }
    let refusal = await #expect(throws: ModelHubError.self) { try await pull(huge) }
    guard case .diskFull(_, 4_611_686_018_427_387_904?, _?)? = refusal else {
      Issue.record("expected a full disk, got \(String(describing: refusal))")
      return
    }
    #expect(huge.requests.count == 1)
  }

  @Test("cancelling a pull ends it soon and keeps what was downloaded")
  func cancels() async throws {
    let server = try HubServer { [repository] request, _ in
      var answer = repository.answer(request)
      if request.path == Repository.path(of: "model.safetensors") { answer.stallSeconds = 8 }
      return answer
    }
    let limits = TransferLimits(stallTimeout: .seconds(60))
    let (path, access) = (folder.path, try HubAccess(endpoint: server.url))
    let (started, signal) = AsyncStream<Void>.makeStream()
    let task = Task {
      try await ModelHub.pull(repository: Repository.name, into: path, access: access, limits: limits) { progress in
        if progress.file == "model.safetensors", progress.fileBytes > 0 { signal.finish() }
      }
    }
    for await _ in started {}
    task.cancel()
    let clock = ContinuousClock()
    let cancelled = clock.now
    await #expect(throws: ModelHubError.cancelled) { try await task.value }
    #expect(clock.now - cancelled < .seconds(6))
    #expect(folder.bytes("model.safetensors.part")?.isEmpty == false)
  }
}
