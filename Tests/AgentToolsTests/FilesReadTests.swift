import Foundation
import Testing

@testable import AgentTools

@Suite struct FilesReadTests {
  private struct Unreadable: Error {}

  @Test("a file is read again only when it has changed, and the last few are kept")
  func reading() throws {
    let folder = try TemporaryFolder()
    let files = FilesRead<String>(limit: 2)
    var reads: [String] = []
    func read(_ name: String) throws -> String {
      try files.value(at: "\(folder.path)/\(name)") { path in
        reads.append(name)
        guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable() }
        return String(decoding: data, as: UTF8.self)
      }
    }
    for name in ["a", "b", "c"] { _ = try folder.file(name, name) }
    #expect(try [read("a"), read("a"), read("b"), read("a")] == ["a", "a", "b", "a"])
    #expect(reads == ["a", "b"])
    _ = try read("c")
    #expect(try [read("a"), read("b")] == ["a", "b"])
    #expect(reads == ["a", "b", "c", "b"])
    _ = try folder.file("b", "changed")
    #expect(try [read("b"), read("b")] == ["changed", "changed"])
    #expect(reads == ["a", "b", "c", "b", "b"])
    #expect(throws: Unreadable.self) { try read("none") }
    #expect(throws: Unreadable.self) { try read("none") }
    #expect(reads.count == 7)
  }

  @Test("a graph that was changed is read anew")
  func graph() throws {
    let folder = try TemporaryFolder()
    let settings = KnowledgeGraphSettings(file: try folder.file("facts.tsv", "a\tr\tb\n"))
    let first = try KnowledgeGraphTool(settings: settings).pureOver
    #expect(try KnowledgeGraphTool(settings: settings).pureOver == first)
    _ = try folder.file("facts.tsv", "a\tr\tc\n")
    #expect(try KnowledgeGraphTool(settings: settings).pureOver != first)
  }
}
