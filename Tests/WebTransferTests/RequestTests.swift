import Testing

@testable import WebTransfer

@Suite struct HostRuleTests {
  private func allows(_ patterns: [String], _ url: String) throws -> Bool {
    try HostRule(allowing: patterns).allows(try WebAddress(url))
  }

  @Test("a name allows itself, a star all below it")
  func patterns() throws {
    #expect(try allows(["example.org"], "https://EXAMPLE.org./x"))
    #expect(try !allows(["example.org"], "https://www.example.org/"))
    #expect(try !allows(["example.org"], "https://example.org.evil.net/"))
    #expect(try allows(["*.example.org"], "http://a.b.example.org:8080/"))
    #expect(try !allows(["*.example.org"], "http://example.org/"))
    #expect(try !allows(["*.example.org"], "http://notexample.org/"))
    #expect(try allows(["a", "*"], "http://anything/") && !allows([], "http://anything/"))
    #expect(try allows(["b\u{fc}cher.example"], "http://xn--bcher-kva.example/"))
    #expect(try allows(["127.0.0.1"], "http://2130706433/"))
    #expect(try allows(["[::1]"], "http://[0:0::1]/"))
  }

  @Test(
    "what is no host is refused",
    arguments: [
      "", "*.", "https://example.org", "example.org/x", "example.org:80", "a*.b", "*.*.org", "u@h", "**", "a b",
    ])
  func bad(pattern: String) {
    #expect(throws: WebError.self) { try HostRule(allowing: [pattern]) }
  }
}

@Suite struct WebRequestTests {
  @Test(
    "a request that would not arrive as written is not sent",
    arguments: [("X: y", "v"), ("X", "v\r\nInjected: 1"), ("", "v"), ("X", "\u{0}")])
  func badHeaders(name: String, value: String) async {
    let error = await #expect(throws: WebError.self) {
      try await WebTransfer.send(WebRequest(url: "http://127.0.0.1:1/", headers: [(name, value)]))
    }
    guard case .badRequest? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a method is one word", arguments: ["", "GET /x HTTP/1.1\r\nHost: y\r\n\r\nGET", "G T"])
  func badMethods(method: String) {
    #expect(throws: WebError.self) { try WebRequest(url: "http://x/", method: method).check() }
  }

  @Test("a proxy and the rule for public addresses exclude each other")
  func proxy() {
    var request = WebRequest(url: "http://127.0.0.1:1/", addressRule: .publicOnly())
    request.usesEnvironmentProxy = true
    #expect(throws: WebError.self) { try request.check() }
  }

  @Test("content types are compared by type, family and suffix")
  func contentTypePatterns() {
    func matches(_ type: String?, _ patterns: String...) -> Bool {
      var headers = WebHeaders()
      if let type { headers.append("content-type", type) }
      return WebResponse(status: 200, headers: headers).hasContentType(among: patterns)
    }
    #expect(matches("Text/HTML ; charset=x", "text/html") && matches("text/html", "text/*") && matches("a/b", "*/*"))
    #expect(matches("application/ld+json", "*/*+json"))
    #expect(!matches("application/json", "*/*+json") && !matches("textual/html", "text/*") && !matches(nil, "*/*"))
  }
}
