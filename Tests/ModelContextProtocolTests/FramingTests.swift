import Testing

@testable import ModelContextProtocol

@Suite struct LineBufferTests {
  @Test("lines come out whole, however the bytes were cut", arguments: 0..<20)
  func pieces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = Array("one\n\ntwo\r\n{\"three\": 3}\nlast".utf8)
    var buffer = LineBuffer(limit: 100)
    var lines: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...rest.count, using: &random)
      lines += try buffer.append(rest.prefix(count)).map { String(decoding: $0, as: UTF8.self) }
      rest = rest.dropFirst(count)
    }
    #expect(lines == ["one", "two", "{\"three\": 3}"])
    #expect(try buffer.append(Array("\n".utf8)) == [Array("last".utf8)])
  }

  @Test("a line past the limit is an error, ended or not")
  func tooLong() throws {
    var buffer = LineBuffer(limit: 4)
    #expect(try buffer.append(Array("abcd\n".utf8)).count == 1)
    #expect(throws: MCPError.frameTooLarge(limitBytes: 4)) { try buffer.append(Array("abcde".utf8)) }
    var other = LineBuffer(limit: 4)
    #expect(throws: MCPError.frameTooLarge(limitBytes: 4)) { try other.append(Array("abcde\n".utf8)) }
  }
}

@Suite struct EventStreamTests {
  private func events(_ text: String, limit: Int = 1000) throws -> [String] {
    var stream = EventStream(limit: limit)
    return try stream.append(Array(text.utf8)).map { "\($0.name):\(String(decoding: $0.data, as: UTF8.self))" }
  }

  @Test(
    "events are read as the standard says",
    arguments: [
      ("data: a\n\n", ["message:a"]), ("data:a\r\n\r\n", ["message:a"]), ("data: a\r\r", ["message:a"]),
      ("event: x\ndata: a\ndata: b\n\n", ["x:a\nb"]), ("\u{FEFF}data: a\n\n", ["message:a"]),
      (": ping\n\ndata:  a\n\n", ["message: a"]), ("data\n\ndata: \n\n", []), ("id: 1\n\n", []),
      ("event: x\n\ndata: a\n\n", ["message:a"]), ("data: unfinished\n", []), ("other: x\ndata: a\n\n", ["message:a"]),
    ])
  func reading(text: String, expected: [String]) throws { #expect(try events(text) == expected) }

  @Test("id and pause are kept for taking the stream up again")
  func resumption() throws {
    var stream = EventStream(limit: 100)
    let events = try stream.append(Array("id: 5\nretry: 250\n\nretry: soon\nid\u{0}: 6\n\n".utf8))
    #expect(events.isEmpty)
    #expect(stream.lastEventID == "5")
    #expect(stream.retryMilliseconds == 250)
  }

  @Test("events do not depend on how the bytes were cut, and an endless event is an error", arguments: 0..<20)
  func pieces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = Array("id: 1\r\nevent: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n: x\r\ndata: b\r\n\r\n".utf8)
    var whole = EventStream(limit: 100)
    let expected = try whole.append(bytes)
    var stream = EventStream(limit: 100)
    var found: [EventStream.Event] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...rest.count, using: &random)
      found += try stream.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    #expect(found == expected)
    #expect(found.count == 2)
    var endless = EventStream(limit: 100)
    #expect(throws: MCPError.frameTooLarge(limitBytes: 100)) {
      for _ in 0..<1000 { _ = try endless.append(Array("data: xxxx\n".utf8)) }
    }
  }

  @Test("any bytes are read without a crash", arguments: 0..<10)
  func fuzz(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var stream = EventStream(limit: 200)
    let alphabet = Array("data:event id\r\n\n\r: x\u{FEFF}retry".utf8) + [0, 0xFF]
    for _ in 0..<300 {
      let piece = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
      if (try? stream.append(piece)) == nil { stream = EventStream(limit: 200) }
    }
  }
}
