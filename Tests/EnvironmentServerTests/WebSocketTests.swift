import AgentCore
import Testing

@testable import EnvironmentServer

@Suite struct WebSocketTests {
  @Test("a message in three fragments with a ping between them is one message")
  func fragments() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        let text = Array(#"{"type":"state"}"#.utf8)
        try await client.send(.text, text[..<5], fin: false)
        try await client.send(.continuation, text[5..<5], fin: false)
        try await client.send(.ping, Array("there?".utf8))
        let pong = try await client.next()
        #expect(pong?.opcode == .pong)
        #expect(pong.map { String(buffer: $0.unmaskedData) } == "there?")
        try await client.send(.continuation, text[5...])
        #expect(try await client.receive().at("type") == "state")
      }
    }
  }

  @Test("a character may be split between two fragments")
  func splitCharacter() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        let text = Array(#"{"type":"é"}"#.utf8)
        try await client.send(.text, text[..<10], fin: false)
        try await client.send(.continuation, text[10...])
        #expect(try await client.receive().at("data", "message") == "Unknown message type: é")
      }
    }
  }

  @Test("a binary message is an error and not the end")
  func binary() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        try await client.send(.binary, [0, 1, 2])
        #expect(try await client.receive().errorCode == "INVALID_JSON")
        #expect(try await client.ask(["type": "state"]).at("type") == "state")
      }
    }
  }

  enum Violation: String, CaseIterable {
    case unmasked, reservedBit, strayContinuation, interruptedMessage, longPing, fragmentedPing, badClose, unknownOpcode
  }

  @Test("what RFC 6455 forbids closes with 1002", arguments: Violation.allCases)
  func violations(_ violation: Violation) async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        switch violation {
        case .unmasked: try await client.send(.text, Array("{}".utf8), isMasked: false)
        case .reservedBit: try await client.send(.text, Array("{}".utf8), rsv1: true)
        case .strayContinuation: try await client.send(.continuation, Array("{}".utf8))
        case .interruptedMessage:
          try await client.send(.text, Array("{".utf8), fin: false)
          try await client.send(.text, Array("}".utf8))
        case .longPing: try await client.send(.ping, Array(repeating: 0, count: 126))
        case .fragmentedPing: try await client.send(.ping, [], fin: false)
        case .badClose: try await client.send(.connectionClose, [0x03, 0xED])
        case .unknownOpcode: try await client.send(#require(.init(encodedWebSocketOpcode: 0x3)), [])
        }
        #expect(try await client.closeCode() == 1002)
      }
      let state = try await server.withClient { try await $0.ask(["type": "state"]) }
      #expect(state.at("type") == "state")
    }
  }

  @Test("text that is not UTF-8 closes with 1007, a message above the limit with 1009")
  func content() async throws {
    try await TestServer.run {
      $0.webSocket.maxMessageBytes = 1000
    } _: { server in
      try await server.withClient { client in
        try await client.send(.text, [0xC3, 0x28])
        #expect(try await client.closeCode() == 1007)
      }
      try await server.withClient { client in
        try await client.send(.text, Array(repeating: 0x20, count: 1001))
        #expect(try await client.closeCode() == 1009)
      }
      try await server.withClient { client in
        for _ in 0..<3 { try await client.send(.text, Array(repeating: 0x20, count: 400), fin: false) }
      }
      try await server.withClient { client in
        try await client.send(.text, Array(repeating: 0x20, count: 600), fin: false)
        try await client.send(.continuation, Array(repeating: 0x20, count: 600))
        #expect(try await client.closeCode() == 1009)
      }
    }
  }

  @Test("a close is answered with its code")
  func closeHandshake() async throws {
    try await TestServer.run { server in
      try await server.withClient { client in
        try await client.send(.connectionClose, [0x03, 0xE9])
        #expect(try await client.closeCode() == 1001)
        #expect(try await client.next() == nil)
      }
    }
  }

  @Test("a client that does not answer pings is cut off")
  func halfOpen() async throws {
    try await TestServer.run {
      $0.webSocket.pingInterval = .milliseconds(50)
      $0.webSocket.pongTimeout = .milliseconds(50)
    } _: { server in
      try await server.withClient { client in
        while let frame = try await client.next() { #expect(frame.opcode == .ping) }
      }
    }
  }

  @Test("a client that answers pings is not cut off")
  func answeredPings() async throws {
    try await TestServer.run {
      $0.webSocket.pingInterval = .milliseconds(50)
      // Long enough for a busy machine.
      $0.webSocket.pongTimeout = .seconds(30)
    } _: { server in
      try await server.withClient { client in
        for _ in 0..<4 {
          let ping = try await client.next()
          #expect(ping?.opcode == .ping)
          try await client.send(.pong, [])
        }
        #expect(try await client.ask(["type": "state"]).at("type") == "state")
      }
    }
  }
}
