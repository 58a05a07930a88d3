import AgentCore
import Foundation
import FoundationNetworking

/// What a server answers over HTTP.
struct HTTPReply: Sendable {
  let status: Int
  let body: String
  let headers: [String: String]

  var json: JSONValue? { try? JSONValue(parsing: body) }

  static func get(_ port: Int, _ path: String) async throws -> HTTPReply { try await send(port, path, "GET", nil) }

  static func post(_ port: Int, _ path: String, _ body: String) async throws -> HTTPReply {
    try await send(port, path, "POST", body)
  }

  private static func send(_ port: Int, _ path: String, _ method: String, _ body: String?) async throws -> HTTPReply {
    guard let url = URL(string: "http://127.0.0.1:\(port)/\(path)") else { throw URLError(.badURL) }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    // A session of its own, so that no connection is kept open.
    let session = URLSession(configuration: .ephemeral)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
    return HTTPReply(status: response.statusCode, body: String(decoding: data, as: UTF8.self), headers: headers)
  }
}
