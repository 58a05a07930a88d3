import AgentCore
import Testing

@testable import ModelContextProtocol

@Suite struct RPCMessageTests {
  @Test(
    "a message is written as it is read",
    arguments: [
      .request(RPCRequest(id: .number(7), method: "tools/list")),
      .request(RPCRequest(id: .text("a"), method: "tools/call", params: ["name": "x", "arguments": [:]])),
      .notification(method: "notifications/initialized", params: [:]),
      .notification(method: "m", params: ["p": [1, nil]]),
      .result(id: .number(-1), ["tools": []]), .result(id: .text(""), nil),
      .failure(id: .number(1), RPCFault(code: -32601, message: "no")),
      .failure(id: nil, RPCFault(code: -32700, message: "what", data: ["more": true])),
    ] as [RPCMessage])
  func roundTrip(message: RPCMessage) throws {
    #expect(try RPCMessage.parse(frame: message.json.serializedBytes()) == [message])
  }

  @Test("1 and \"1\" are two ids") func ids() {
    #expect(RPCID(1) != RPCID("1"))
    #expect(RPCID(1.0) == .number(1))
    #expect(RPCID(1.5) == nil)
    #expect(RPCID(true) == nil)
  }

  @Test(
    "what is no message is refused with the place",
    arguments: [
      ("{}", "jsonrpc: missing"),
      (#"{"jsonrpc":"1.0","id":1,"result":1}"#, #"jsonrpc: expected "2.0""#),
      (#"{"jsonrpc":"2.0"}"#, "neither a request nor an answer"),
      (#"{"jsonrpc":"2.0","id":1}"#, "result: missing"),
      (#"{"jsonrpc":"2.0","id":{},"result":1}"#, "id: expected a text or a whole number, found an object"),
      (#"{"jsonrpc":"2.0","id":1,"method":2}"#, "method: expected a string, found an integer"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#, "params: expected an object, found an array"),
      (#"{"jsonrpc":"2.0","id":1,"error":{"message":"m"}}"#, "error.code: missing"),
      ("[]", "an empty batch"), ("[1]", "[0]: expected an object, found an integer"),
    ])
  func refused(text: String, reason: String) {
    #expect { try RPCMessage.parse(frame: Array(text.utf8)) } throws: { "\($0)" == reason }
  }

  @Test("whatever bytes come, the reader gives messages or an error", arguments: 0..<20)
  func fuzz(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let frames = [
      #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"a"}],"isError":false}}"#,
      #"{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"m","data":{"supported":["a"]}}}"#,
      #"[{"jsonrpc":"2.0","method":"n","params":{"a":[1,2.5e3,null,true,"é\u0041"]}}]"#,
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"c"}}"#,
    ].map { Array($0.utf8) }
    for _ in 0..<500 {
      var bytes = frames.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(#"{}[]",:0e"#.utf8.randomElement(using: &random)!, at: place)
        default: bytes += bytes[place...]
        }
        if bytes.isEmpty { bytes = [0] }
      }
      guard let messages = try? RPCMessage.parse(frame: bytes) else { continue }
      for message in messages {
        #expect((try? RPCMessage.parse(frame: message.json.serializedBytes())) == [message], "seed \(seed)")
        if case .result(_, let result) = message {
          // The typed readers, too, take whatever JSON comes.
          _ = try? CallResult(result)
          _ = try? ToolPage(result)
          _ = try? InitializeResult(result)
          _ = try? DiscoverResult(result)
        }
      }
    }
  }

  @Test("answers of a server are written as they are read")
  func results() throws {
    let call = CallResult(
      content: [
        .text("t"), .media(type: "audio", mimeType: "audio/wav", base64: "AA=="),
        .textResource(uri: "u", mimeType: nil, text: "x"), .binaryResource(uri: "u", mimeType: "m", base64: ""),
        .link(uri: "u", name: "n", mimeType: nil), .other(["type": "hologram"]),
      ], structuredContent: ["a": 1], isError: true)
    #expect(try CallResult(.object(call.json)) == call)
    let page = ToolPage(
      tools: [ToolDescription(name: "n", title: "t", description: "d", inputSchema: ["type": "object"])],
      nextCursor: "c")
    #expect(try ToolPage(.object(page.json)) == page)
    let opening = InitializeResult(
      version: "2025-11-25", capabilities: ["tools": [:]], server: Implementation(name: "s", version: "1"),
      instructions: "i")
    #expect(try InitializeResult(.object(opening.json)) == opening)
    let offer = InitializeParameters(version: "2025-11-25", client: Implementation(name: "c", version: "2"))
    #expect(try InitializeParameters(.object(offer.json)) == offer)
  }
}

/// SplitMix64, so that a failing seed fails again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
