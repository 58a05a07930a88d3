import Foundation
import Glibc
import Testing

@testable import Sandbox

/// A real launcher that is told nonsense: it answers FAULT or ends, never hangs, and leaves no process.
@Suite(.serialized) struct LauncherFuzzTests {
  private static let fault: UInt8 = 0x84
  private static let result: UInt8 = 0x82

  @Test(arguments: IsolationMode.allCases)
  func `random and mutated frames end a launcher or are answered`(mode: IsolationMode) async throws {
    guard await (mode == .full ? AttackGround.Setup.full : .noNamespace).isAvailable() else { return }
    let scratch = FileManager.default.temporaryDirectory.path + "/agentenv-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var random = SystemRandomNumberGenerator()
    for trial in 0..<150 {
      let number = try #require(SlotNumber())
      let launcher = try RawLauncher(scratch: scratch)
      for bytes in Self.conversation(trial, mode, number.value, scratch, &random) { launcher.send(bytes) }
      launcher.endSending()
      let answer = launcher.finish(within: .seconds(10))
      #expect(answer != nil, "trial \(trial): the launcher hangs")
      #expect(HostProcess.family(of: [launcher.id]).isEmpty, "trial \(trial)")
      let frames = answer ?? []
      for frame in frames {
        let text = frame.fields.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "\n")
        #expect(!text.contains("root:x:0:0:root:/root"), "trial \(trial): the host's /etc/passwd came back")
      }
    }
  }

  @Test func `requests for files outside the work directory bring nothing back`() async throws {
    guard await AttackGround.Setup.full.isAvailable() else { return }
    let number = try #require(SlotNumber())
    for path in [
      "../../etc/passwd", "/etc/passwd", "a/../../../etc/passwd", "./../etc/passwd", "..", "/proc/1/environ",
    ] {
      let launcher = try RawLauncher(scratch: "/nonexistent")
      launcher.send(Self.configuration(.full, number.value, "").encoded)
      var run = Self.run(argv: ["/bin/true"])
      run.add(7, path)
      launcher.send(run.encoded)
      launcher.endSending()
      let frames = try #require(launcher.finish(within: .seconds(10)))
      #expect(frames.allSatisfy { $0.kind != Self.result || !$0.fields.contains { $0.tag == 13 } }, "\(path)")
      let placing = try RawLauncher(scratch: "/nonexistent")
      placing.send(Self.configuration(.full, number.value, "").encoded)
      run = Self.run(argv: ["/bin/ls", "-R", "/box"])
      run.add(6, Self.file(path, "planted"))
      placing.send(run.encoded)
      placing.endSending()
      for frame in try #require(placing.finish(within: .seconds(10))) where frame.kind == Self.result {
        #expect(frame.fields.contains { $0.tag == 19 }, "\(path) was accepted as the name of a file")
      }
    }
  }

  // MARK: What is sent

  private static func conversation(
    _ trial: Int, _ mode: IsolationMode, _ number: Int, _ scratch: String, _ random: inout SystemRandomNumberGenerator
  ) -> [[UInt8]] {
    let good = configuration(mode, number, scratch).encoded
    var rest = [run(argv: ["/bin/true"]).encoded, WireFrame(kind: 0x08).encoded, run(argv: ["/bin/ls", "/"]).encoded]
    switch trial % 6 {
    case 0: return [(0..<Int.random(in: 0...300, using: &random)).map { _ in .random(in: 0...255, using: &random) }]
    case 1: return [mutated(good, sparing: scratch, &random)] + rest
    case 2: return [good, mutated(rest[0], sparing: scratch, &random)] + rest
    case 3: return [good, Array(rest[0].prefix(.random(in: 0..<rest[0].count, using: &random)))]
    case 4:
      // Lengths that promise more than comes, or than there is memory.
      let length = [0, 1, 0x7fff_ffff, 0xffff_ffff, 200 << 20].randomElement(using: &random) ?? 0
      return [good, (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + [2, 1, 8, 0, 0, 0]]
    default:
      rest.append(odd(&random).encoded)
      rest.shuffle(using: &random)
      return [good] + rest
    }
  }

  /// Changes, takes away and adds bytes, but for the path below which the launcher makes and removes folders as root.
  private static func mutated(
    _ bytes: [UInt8], sparing path: String, _ random: inout SystemRandomNumberGenerator
  ) -> [UInt8] {
    var bytes = bytes
    let path = Array(path.utf8)
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      // Its tag and length count, too.
      if let spared = bytes.firstRange(of: path), place >= spared.lowerBound - 5, place <= spared.upperBound {
        continue
      }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.remove(at: place)
      default: bytes.insert(.random(in: 0...255, using: &random), at: place)
      }
      if bytes.isEmpty { return bytes }
    }
    return bytes
  }

  /// A frame of a known or unknown kind with fields that may belong to another, of any size and value.
  private static func odd(_ random: inout SystemRandomNumberGenerator) -> WireFrame {
    var frame = WireFrame(kind: .random(in: 0...12, using: &random))
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let tag = UInt8.random(in: 0...24, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: frame.add(tag, [Int.min, -1, 0, 1, .max].randomElement(using: &random) ?? 0)
      case 1: frame.add(tag, [UInt8](repeating: 0x2f, count: .random(in: 0...5000, using: &random)))
      case 2: frame.add(tag, ["exec", "zygote", "../../x", "", "\0", "**/**"].randomElement(using: &random) ?? "")
      default:
        frame.add(tag, (0..<Int.random(in: 0...9, using: &random)).map { _ in .random(in: 0...255, using: &random) })
      }
    }
    return frame
  }

  private static func configuration(_ mode: IsolationMode, _ number: Int, _ scratch: String) -> WireFrame {
    var settings = SlotSettings()
    settings.isolation = mode
    settings.readOnlyPaths = ["/usr"]
    settings.environment = ["PATH=/usr/bin:/bin", "HOME=/box/work"]
    settings.index = number
    settings.scratchFolder = scratch
    return SlotRequest.configure(settings).frame
  }

  private static func run(argv: [String]) -> WireFrame {
    let limits = ExecutionLimits(wall: .seconds(2), memoryBytes: 64 << 20)
    return SlotRequest.run(id: 1, SlotProgram(kind: .exec, arguments: argv, limits: limits)).frame
  }

  private static func file(_ name: String, _ text: String) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: name.utf8.count >> (8 * $0)) } + Array(name.utf8) + Array(text.utf8)
  }
}

/// A launcher and the other end of its socket, with nothing in between.
private final class RawLauncher {
  let process: ChildProcess
  private let socket: Int32

  var id: Int { Int(process.id) }

  init(scratch: String) throws {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    defer { close(ends[1]) }
    socket = ends[0]
    let program = try LauncherProgram().path
    process = try ChildProcess.start([program, "slot"], environment: [], files: [nil, nil, nil, ends[1]])
  }

  deinit { close(socket) }

  /// Sends what the launcher takes; it may have ended.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  func endSending() { shutdown(socket, Int32(SHUT_WR)) }

  /// Everything it answered, once it has ended; nil if it does not end by itself.
  func finish(within limit: Duration) -> [WireFrame]? {
    let end = ContinuousClock.now + limit
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    var isOver = false
    while !isOver, ContinuousClock.now < end {
      var look = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&look, 1, 100) > 0 else { continue }
      let count = recv(socket, &buffer, buffer.count, 0)
      if count <= 0 { isOver = true } else { bytes += buffer.prefix(count) }
    }
    process.reap(after: isOver ? .seconds(5) : .zero)
    return isOver ? Self.frames(bytes) : nil
  }

  private static func frames(_ bytes: [UInt8]) -> [WireFrame] {
    var frames: [WireFrame] = []
    var rest = bytes[...]
    while rest.count > 4 {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 4 + length, let frame = try? WireFrame(payload: rest.dropFirst(4).prefix(length)) else {
        break
      }
      frames.append(frame)
      rest = rest.dropFirst(4 + length)
    }
    return frames
  }
}
