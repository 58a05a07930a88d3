import Testing
import WebTestServer

@testable import WebTransfer

@Suite(.timeLimit(.minutes(1)))
struct AddressTests {
  private func isPublic(_ text: String) throws -> Bool {
    AddressRule.publicOnly().refusal(of: try #require(IPAddress(text))) == nil
  }

  @Test(
    "special addresses are not public",
    arguments: [
      "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
      "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1",
      "255.255.255.255", "100.100.100.200", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
      "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
      "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
      "ff02::1", "100::1", "4000::1", "3fff::1",
    ])
  func special(address: String) throws { #expect(try !isPublic(address)) }

  @Test(
    "other addresses are public",
    arguments: [
      "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
      "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
      "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00::1", "64:ff9b::808:808",
    ])
  func ordinary(address: String) throws { #expect(try isPublic(address)) }

  @Test("addresses are read and written in their usual spelling, and no other is read")
  func spelling() {
    for text in ["1.2.3.4", "::1", "2001:db8::a:1"] { #expect(IPAddress(text)?.description == text) }
    for text in ["127.1", "2130706433", "0x7f.1", "", "1.2.3.4.5", "[::1]", "g::"] { #expect(IPAddress(text) == nil) }
  }

  @Test("blocks hold what their prefix covers")
  func blocks() throws {
    let ten = try AddressBlock("10.0.0.0/8")
    #expect(ten.contains(try #require(IPAddress("10.255.0.1"))))
    #expect(!ten.contains(try #require(IPAddress("11.0.0.1"))))
    #expect(try AddressBlock("0.0.0.0/0").contains(try #require(IPAddress("9.9.9.9"))))
    #expect(try !AddressBlock("0.0.0.0/0").contains(try #require(IPAddress("2a00::1"))))
    #expect(try AddressBlock("::/0").contains(try #require(IPAddress("2a00::1"))))
    for text in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "example.org"] {
      #expect(throws: WebError.self) { try AddressBlock(text) }
    }
  }

  @Test(
    "odd spellings of loopback lead to loopback, and are refused",
    arguments: [
      "127.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "[::1]", "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "[::]", "%6c%6fcalhost",
      "\u{ff11}\u{ff12}\u{ff17}.0.0.1", "127\u{3002}0.0.1",
    ])
  func loopback(host: String) async throws {
    let server = try WebTestServer { _, connection in connection.respond(text: "secret") }
    let request = WebRequest(url: "http://\(host):\(server.port)/", timeout: .seconds(10), addressRule: .publicOnly())
    let error = await #expect(throws: WebError.self) { try await WebTransfer.send(request) }
    switch error {
    case .refusedAddress?, .badURL?, .cannotResolve?: break
    // The machine may be without IPv6.
    case .cannotConnect? where host.hasPrefix("["): break
    default: Issue.record("\(host): \(String(describing: error))")
    }
    #expect(server.requests.isEmpty)
  }

  @Test("a connection that another rule has opened is not used for what it refuses")
  func reuse() async throws {
    let server = try WebTestServer { _, connection in connection.respond(text: "secret") }
    _ = try await WebTransfer.send(WebRequest(url: server.url))
    let request = WebRequest(url: server.url, addressRule: .publicOnly())
    let error = await #expect(throws: WebError.self) { try await WebTransfer.send(request) }
    guard case .refusedAddress("127.0.0.1", _, _)? = error else {
      Issue.record("expected a refusal, got \(String(describing: error))")
      return
    }
    #expect(server.requests.count == 1)
    let allowing = AddressRule.publicOnly(allowing: [try AddressBlock("127.0.0.0/8")])
    #expect(try await WebTransfer.send(WebRequest(url: server.url, addressRule: allowing)).status == 200)
  }

  @Test(
    "what is no http address is refused with a reason",
    arguments: [
      "", "example.org", "/path", "ftp://example.org/", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)",
      "http://", "http://user@example.org/", "http://user:word@example.org/", "http://exa mple.org/",
      "http://example.org:99999/", "http://example.org:x/", "http://[::1", "http://exam\u{0}ple.org/", "http://a\r\nb/",
      "http://[fe80::1%25eth0]/", "HTTP//x", "data:text/plain,x", "unix:///run/docker.sock",
    ])
  func badAddresses(text: String) {
    let error = #expect(throws: WebError.self) { try WebAddress(text) }
    guard case .badURL? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("addresses are made plain")
  func plain() throws {
    #expect(try WebAddress("HTTP://EXAMPLE.org:80/a b?c#d").text == "http://example.org:80/a%20b?c")
    #expect(try WebAddress("http://0x7f.1/").host == "127.0.0.1")
    #expect(try WebAddress("https://b\u{fc}cher.example/\u{e9}").text == "https://xn--bcher-kva.example/%c3%a9")
    #expect(try WebAddress("https://x/").port == 443)
    let base = try WebAddress("https://x/a/b?c")
    #expect(try WebAddress("../d", relativeTo: base).text == "https://x/d")
    #expect(try WebAddress("//y/", relativeTo: base).text == "https://y/")
    #expect(try WebAddress("?q", relativeTo: base).text == "https://x/a/b?q")
  }

  @Test("random addresses are read or refused, and never crash")
  func fuzz() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("htps:/@[]%.#?0127x\u{e9}\u{3002}\u{202e} \\&=~-_\t\r\n".unicodeScalars)
    for _ in 0..<5000 {
      var text = Bool.random(using: &generator) ? "http://" : ""
      for _ in 0..<Int.random(in: 0..<30) { text.unicodeScalars.append(alphabet.randomElement(using: &generator)!) }
      guard let address = try? WebAddress(text) else { continue }
      #expect(["http", "https"].contains(address.scheme) && !address.host.isEmpty, "\(text.debugDescription)")
      #expect(address.text.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "\(text.debugDescription)")
      #expect((try? WebAddress(address.text))?.host == address.host, "\(text.debugDescription)")
    }
  }
}
