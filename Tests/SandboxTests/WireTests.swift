import Testing

@testable import Sandbox

@Suite struct WireTests {
  @Test("a frame is read back as it was sent, in pieces of any size")
  func roundTrip() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let frames = (0..<Int.random(in: 1...4)).map { _ in Self.randomFrame(&random) }
      let bytes = frames.flatMap(\.encoded)
      var reader = FrameReader()
      var read: [WireFrame] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...max(1, bytes.count / 3)))
        Array(piece).withUnsafeBytes { reader.append($0) }
        rest = rest.dropFirst(piece.count)
        while let frame = try reader.next() { read.append(frame) }
      }
      #expect(read == frames)
    }
  }

  @Test("numbers, texts and files of a frame keep their values")
  func values() throws {
    var frame = WireFrame(kind: 0x82)
    for number in [0, 1, -1, Int.max, Int.min, 1 << 40] { frame.add(1, number) }
    frame.add(5, "é\0")
    let file = SandboxFile(name: "a/b.txt", contents: [0, 255, 10])
    frame.add(13, file)
    frame.add(13, SandboxFile(name: "", contents: []))
    let read = try WireFrame(payload: frame.encoded[4...])
    #expect(read == frame)
    #expect(try read.int(1) == 1 << 40)
    #expect(read.text(5) == "é\0")
    #expect(try read.files(13) == [file, SandboxFile(name: "", contents: [])])
    #expect(try read.optionalInt(9) == nil)
    #expect(throws: WireError.missing(tag: 9, kind: 0x82)) { try read.int(9) }
    #expect(throws: WireError.badValue(tag: 5, kind: 0x82)) { try read.int(5) }
  }

  @Test("any bytes are frames or an error, never a trap")
  func randomBytes() {
    var random = SystemRandomNumberGenerator()
    for round in 0..<3000 {
      var bytes: [UInt8] = (0..<Int.random(in: 0...200)).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Half of them with a plausible length and kind, so that the fields are reached.
      if round.isMultiple(of: 2), bytes.count > 5 {
        bytes.replaceSubrange(0..<5, with: [UInt8(bytes.count - 4), 0, 0, 0, [0x81, 0x82, 0x83, 0x84][round / 2 % 4]])
      }
      var reader = FrameReader()
      bytes.withUnsafeBytes { reader.append($0) }
      do {
        while let frame = try reader.next() { _ = try SlotReply(frame) }
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }

  @Test("every cut and every flipped byte of a result is a result or an error")
  func damage() throws {
    let whole = Self.result.encoded
    for length in 5..<whole.count {
      #expect(throws: WireError.self) {
        let frame = try WireFrame(payload: whole[4..<length])
        // A cut between two fields leaves a frame, which then lacks its outcome.
        _ = try SlotReply(frame)
        if frame.fields.count >= 2 { throw WireError.empty }
      }
    }
    for position in 4..<whole.count {
      for bit in 0..<8 {
        var bytes = whole
        bytes[position] ^= 1 << UInt8(bit)
        _ = try? SlotReply(try WireFrame(payload: bytes[4...]))
      }
    }
  }

  @Test("a huge length is refused before anything is kept for it")
  func hugeLength() {
    var reader = FrameReader()
    [UInt8]([0xFF, 0xFF, 0xFF, 0xFF, 0x82]).withUnsafeBytes { reader.append($0) }
    #expect(throws: WireError.tooLong(0xFFFF_FFFF)) { try reader.next() }
    #expect(throws: WireError.truncated(tag: 1)) { try WireFrame(payload: [0x82, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0]) }
    #expect(throws: WireError.empty) { try WireFrame(payload: []) }
  }

  @Test("a file whose name is longer than the field is refused")
  func badFile() throws {
    var frame = WireFrame(kind: 0x82)
    frame.add(13, [9, 0, 0, 0, 65])
    #expect(throws: WireError.badValue(tag: 13, kind: 0x82)) { try frame.files(13) }
  }

  private static var result: WireFrame {
    var frame = WireFrame(kind: 0x82)
    frame.add(1, 7)
    frame.add(2, "exited")
    frame.add(3, 0)
    frame.add(5, "out")
    frame.add(13, SandboxFile(name: "x", text: "y"))
    return frame
  }

  private static func randomFrame(_ random: inout SystemRandomNumberGenerator) -> WireFrame {
    var frame = WireFrame(kind: UInt8.random(in: 0...255, using: &random))
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      frame.add(UInt8.random(in: 0...255, using: &random), bytes)
    }
    return frame
  }
}
