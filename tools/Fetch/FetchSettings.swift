/// Where the tool `fetch` may go and how much it takes.
public struct FetchSettings: Sendable, Hashable {
  /// Hosts by name: `example.org`, `*.example.org` for all below it, `*` for any. Empty: none.
  public var allow: [String]
  /// Lets addresses through that the public internet does not have: loopback, private networks, cloud metadata.
  public var allowsPrivate = false
  /// For one call, redirects included.
  public var timeout: Duration = .seconds(20)
  /// Of a document, decompressed.
  public var maxBytes = 4 << 20
  public var maxRedirects = 5
  /// What is taken; `text/*` and `*/*+json` take a whole family.
  public var contentTypes = [
    "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/csv", "text/xml", "application/xml",
    "application/json", "*/*+json", "*/*+xml",
  ]
  /// Of a page of a long document, where the call does not say.
  public var pageCharacters = 8000

  public init(allow: [String] = []) { self.allow = allow }
}
