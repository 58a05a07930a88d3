import AgentCore
import WebTransfer

/// Asks a hub: follows its redirects, shows the token to nobody else, and says what a refusal means.
final class HubClient {
  /// What came of one attempt that may be worth another.
  enum Failure: Error {
    case transient(reason: String, retryAfter: Duration?)
    case permanent(ModelHubError)
  }

  private static let redirectLimit = 8

  let access: HubAccess
  let reference: RepositoryReference
  private let connection: HTTPConnection
  private let origin: WebAddress

  init(access: HubAccess, reference: RepositoryReference, connection: HTTPConnection) throws(ModelHubError) {
    guard let origin = try? WebAddress(access.endpoint) else {
      throw .invalidReference(what: "http or https address (HF_ENDPOINT)", value: access.endpoint)
    }
    self.access = access
    self.reference = reference
    self.connection = connection
    self.origin = origin
  }

  /// The repository's files and the commit they belong to.
  func listing() throws(Failure) -> RepositoryListing {
    let url =
      "\(access.endpoint)/api/models/\(reference.name)/revision/"
      + "\(WebAddress.encoded(component: reference.revision))?blobs=true"
    let body = MemoryBody(url: url, limitBytes: 64 << 20)
    _ = try get(url, headers: [("Accept", "application/json")], file: nil, receiver: body)
    do {
      return try RepositoryListing(json: JSONValue(parsing: body.bytes), repository: reference.name, url: url)
    } catch let error as ModelHubError {
      throw .permanent(error)
    } catch {
      throw .permanent(.malformedAnswer(url: url, reason: "\(error)"))
    }
  }

  /// Where a file's content is, at one revision.
  func address(of path: String, at revision: String) -> String {
    "\(access.endpoint)/\(reference.name)/resolve/\(WebAddress.encoded(component: revision))/"
      + WebAddress.encoded(path: path)
  }

  /// Requests an address and what it redirects to. The response is the last one's, with the hub's `X-Linked-…`
  /// headers of the hops before.
  func get(
    _ url: String, headers: [(name: String, value: String)], file: String?, receiver: some BodyReceiver
  ) throws(Failure) -> HTTPResponse {
    guard var address = try? WebAddress(url) else {
      throw .permanent(.malformedAnswer(url: url, reason: "it is no http or https address"))
    }
    var linked: [String: String] = [:]
    for _ in 0...Self.redirectLimit {
      let (response, errorBody) = try attempt(address, headers: headers, receiver: receiver)
      if response.isRedirect {
        for (name, value) in response.headers where name.hasPrefix("x-linked-") { linked[name] = value }
        address = try target(of: response, from: address)
        continue
      }
      guard response.isSuccess else {
        throw refusal(response, body: errorBody, address: address, file: file)
      }
      var complete = response
      complete.headers.merge(linked) { _, hub in hub }
      return complete
    }
    throw .permanent(.malformedAnswer(url: url, reason: "more than \(Self.redirectLimit) redirects"))
  }

  private func attempt(
    _ address: WebAddress, headers: [(name: String, value: String)], receiver: some BodyReceiver
  ) throws(Failure) -> (HTTPResponse, String) {
    var headers = headers + [("Accept-Encoding", "identity")]
    if let token = access.token, address.hasSameOrigin(as: origin) {
      headers.append(("Authorization", "Bearer \(token)"))
    }
    do {
      return try connection.get(address, headers: headers, receiver: receiver)
    } catch {
      switch error {
      case .transport(let reason, isTransient: true): throw .transient(reason: reason, retryAfter: nil)
      case .transport(let reason, isTransient: false):
        throw .permanent(.unreachable(url: address.text, reason: reason, attempts: 1))
      case .receiver(let failure): throw .permanent(failure)
      case .cancelled: throw .permanent(.cancelled)
      }
    }
  }

  private func target(of response: HTTPResponse, from address: WebAddress) throws(Failure) -> WebAddress {
    guard
      let location = response.headers["location"], let target = try? WebAddress(location, relativeTo: address),
      address.scheme == "http" || target.scheme == "https"
    else {
      let location = response.headers["location"] ?? "nowhere"
      throw .permanent(.malformedAnswer(url: address.text, reason: "it redirects to \(location)"))
    }
    return target
  }

  /// What a status means. The hub answers 401 for repositories that do not exist, too, and names the reason in a
  /// header of its own.
  private func refusal(_ response: HTTPResponse, body: String, address: WebAddress, file: String?) -> Failure {
    let reason = response.headers["x-error-message"] ?? Self.message(in: body)
    let code = response.headers["x-error-code"]
    let sent = access.token != nil && address.hasSameOrigin(as: origin)
    let noRepository = ModelHubError.repositoryNotFound(
      repository: reference.name, endpoint: access.endpoint, tokenWasSent: sent)
    switch (response.status, code) {
    case (408, _), (425, _), (429, _), (500..., _):
      return .transient(reason: "answered \(response.status)", retryAfter: response.retryAfter)
    case (401, "RepoNotFound"), (404, "RepoNotFound"): return .permanent(noRepository)
    case (401, _) where address.hasSameOrigin(as: origin), (403, _) where address.hasSameOrigin(as: origin):
      return .permanent(
        .authorizationRequired(repository: reference.name, endpoint: access.endpoint, tokenWasSent: sent))
    case (404, "RevisionNotFound"):
      return .permanent(.revisionNotFound(repository: reference.name, revision: reference.revision))
    case (404, _):
      guard let file else { return .permanent(noRepository) }
      return .permanent(.fileNotFound(path: file, repository: reference.name, revision: reference.revision))
    default: return .permanent(.refused(url: address.text, status: response.status, reason: reason))
    }
  }

  /// The hub's `{"error": "…"}`, in one line; empty for anything else.
  private static func message(in body: String) -> String {
    guard let json = try? JSONValue(parsing: body), let text = json["error"]?.stringValue else { return "" }
    return String(text.prefix(200).map { $0.isNewline ? " " : $0 })
  }
}

/// Collects a body that is small.
final class MemoryBody: BodyReceiver {
  private(set) var bytes: [UInt8] = []
  private let url: String
  private let limitBytes: Int

  init(url: String, limitBytes: Int) {
    self.url = url
    self.limitBytes = limitBytes
  }

  func receive(_ more: UnsafeRawBufferPointer, of response: HTTPResponse) throws(ModelHubError) {
    guard bytes.count + more.count <= limitBytes else {
      throw .malformedAnswer(url: url, reason: "it goes on past \(ByteCount(limitBytes))")
    }
    bytes.append(contentsOf: more)
  }
}
