import AgentCore
import Foundation

@testable import ModelHub

/// A repository as a hub would serve it: listing, and content by path with ranges.
struct Repository: Sendable {
  static let name = "owner/small-model"
  static let commit = String(repeating: "c0ffee12", count: 5)

  struct File: Sendable {
    let path: String
    let content: [UInt8]
    var isLarge = true
  }

  var files: [File] = [
    File(path: "README.md", content: Array("# Model\n".utf8), isLarge: false),
    File(path: "config.json", content: Array(#"{"model_type":"llama"}"#.utf8), isLarge: false),
    File(path: "tokenizer.json", content: Array(#"{"model":{}}"#.utf8), isLarge: false),
    File(path: "model.safetensors", content: Repository.weights(300_000)),
    File(path: "onnx/model.onnx", content: Repository.weights(5000)),
  ]

  /// Bytes that differ for every count and do not repeat soon.
  static func weights(_ count: Int) -> [UInt8] {
    var state = UInt64(count)
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
  }

  func content(_ path: String) -> [UInt8] { files.first { $0.path == path }?.content ?? [] }

  static let listingPath = "/api/models/\(name)/revision/main?blobs=true"
  static func path(of file: String) -> String { "/\(name)/resolve/\(commit)/\(file)" }

  func listing(checksumOf changed: [String: String] = [:]) -> Answer {
    let siblings = files.map { file -> JSONValue in
      guard file.isLarge else {
        return [
          "rfilename": .string(file.path), "size": JSONValue(file.content.count),
          "blobId": .string(changed[file.path] ?? Self.gitName(of: file.content)),
        ]
      }
      let digest = String(ContentDigest.of(file.content).dropFirst("sha256:".count))
      return [
        "rfilename": .string(file.path), "size": JSONValue(file.content.count), "blobId": "0",
        "lfs": ["sha256": .string(changed[file.path] ?? digest), "size": JSONValue(file.content.count)],
      ]
    }
    let json: JSONValue = ["id": .string(Self.name), "sha": .string(Self.commit), "siblings": .array(siblings)]
    return .json(json.serialized())
  }

  /// Computed by git itself, as the hub's names are.
  static func gitName(of content: [UInt8]) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "hash-object", "--stdin"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch { return "git is missing: \(error)" }
    input.fileHandleForWriting.write(Data(content))
    input.fileHandleForWriting.closeFile()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Listing and files, ranges honoured.
  func answer(_ request: SeenRequest) -> Answer {
    if request.path == Self.listingPath { return listing() }
    guard let file = files.first(where: { request.path == Self.path(of: $0.path) }) else {
      return .json(#"{"error":"Entry not found"}"#, status: 404)
    }
    return Self.serve(file.content, to: request)
  }

  static func serve(_ content: [UInt8], to request: SeenRequest) -> Answer {
    guard let range = request.headers["range"], let start = Int(range.dropFirst("bytes=".count).dropLast()) else {
      return Answer(body: content)
    }
    guard start < content.count else { return Answer(status: 416) }
    return Answer(
      status: 206, headers: ["Content-Range": "bytes \(start)-\(content.count - 1)/\(content.count)"],
      body: Array(content[start...]))
  }
}

/// A folder of a test's own, gone with this value.
final class TemporaryFolder: Sendable {
  let path = NSTemporaryDirectory() + "model-hub-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: "\(path)/\(name)").map(Array.init) }
  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
  var names: Set<String> { Set((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []) }
}

extension TransferLimits {
  /// Impatient, so that failures take milliseconds.
  static let impatient = TransferLimits(
    connectTimeout: .seconds(5), stallTimeout: .seconds(1), attempts: 4, firstRetryDelay: .milliseconds(5),
    longestRetryDelay: .milliseconds(40))
}
