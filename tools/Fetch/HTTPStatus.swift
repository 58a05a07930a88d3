import WebTransfer

/// What a response other than 2xx says, in words.
enum HTTPStatus {
  static func explanation(of response: WebResponse) -> String {
    var text = "HTTP \(response.status)"
    if let reason = reasons[response.status] { text += " (\(reason))" }
    text += " from \(response.url)"
    if [429, 503].contains(response.status), let wait = response.headers["retry-after"] {
      text += "; it asks to wait: \(wait.prefix(40))"
    }
    return text
  }

  private static let reasons = [
    304: "not modified", 400: "bad request", 401: "it wants a login", 402: "it wants payment", 403: "forbidden",
    404: "not found", 405: "method not allowed", 406: "not acceptable", 408: "request timeout", 410: "gone",
    429: "too many requests", 451: "unavailable for legal reasons", 500: "the server failed",
    502: "bad gateway", 503: "the server is overloaded or down", 504: "gateway timeout",
  ]
}
