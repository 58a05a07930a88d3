import AgentCore
import Synchronization
import WebTransfer

/// The tool `fetch`: a web page as text, from the hosts that the environment allows.
public final class FetchTool: Tool {
  private let settings: FetchSettings
  private let hosts: HostRule
  /// The document of the last call, so that its further pages are pages of the same text.
  private let last = Mutex<(url: String, document: FetchedDocument)?>(nil)

  /// - Throws: `WebError` if a pattern in `allow` is none.
  public init(settings: FetchSettings) throws(WebError) {
    self.settings = settings
    hosts = try HostRule(allowing: settings.allow)
  }

  public var schema: ToolSchema {
    ToolSchema(
      name: "fetch",
      description: """
        Fetches a web page or text file and gives it as text: headings, lists, links and tables as in Markdown. \
        A long one comes in pages. Allowed hosts: \(hosts).
        """,
      parameters: [
        "type": "object",
        "properties": [
          "url": ["type": "string", "description": "Absolute address, http or https", "minLength": 1],
          "start": [
            "type": "integer", "minimum": 0, "maximum": 1_000_000_000,
            "description": "The character to start at, as the page before says; default 0",
          ],
          "max_chars": [
            "type": "integer", "minimum": 100, "maximum": 100_000,
            "description": .string("The most characters to give; default \(settings.pageCharacters)"),
          ],
        ],
        "required": ["url"],
        "additionalProperties": false,
      ])
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    guard let url = arguments["url"]?.stringValue else { return .error("`url` is missing") }
    let start = arguments["start"]?.intValue ?? 0
    let count = arguments["max_chars"]?.intValue ?? settings.pageCharacters
    if start > 0, let known = last.withLock({ $0 }), known.url == url {
      return known.document.page(start: start, count: count)
    }
    do {
      let response = try await WebTransfer.send(request(url, deadline: context.deadline))
      guard response.isSuccess else { return .error(HTTPStatus.explanation(of: response)) }
      let document = await FetchedDocument.read(response)
      last.withLock { $0 = (url, document) }
      return document.page(start: start, count: count)
    } catch {
      return try Self.output(for: error)
    }
  }

  private func request(_ url: String, deadline: ContinuousClock.Instant) -> WebRequest {
    // A little earlier than the caller stops waiting, so that it hears why.
    let whole = deadline - .now
    let left = whole - min(whole / 10, .seconds(1))
    var request = WebRequest(
      url: url, headers: [("Accept", "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.5")],
      timeout: max(.milliseconds(1), min(settings.timeout, left)), maxBodyBytes: settings.maxBytes,
      maxRedirects: settings.maxRedirects,
      addressRule: settings.allowsPrivate ? .any : .publicOnly(), contentTypes: settings.contentTypes)
    request.hostRule = hosts
    return request
  }

  private static func output(for error: WebError) throws -> ToolOutput {
    switch error {
    case .refusedHost, .refusedAddress, .badURL, .badRedirect:
      ToolOutput(status: .denied, content: "denied: \(error)")
    case .timeout: ToolOutput(status: .timeout, content: "error: \(error)")
    case .cancelled: throw CancellationError()
    default: .error(error.description)
    }
  }
}
