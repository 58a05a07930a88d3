import Foundation
import Testing

@testable import Sandbox

@Suite struct ScratchFolderTests {
  @Test("a folder is there while it is used; what a killed process left is removed, what another uses is not")
  func life() throws {
    let parent = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-parent-\(UUID())").path
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let left = "\(parent)/agentenv-sandbox-1-1"
    try FileManager.default.createDirectory(atPath: "\(left)/0/work", withIntermediateDirectories: true)
    let long = Date(timeIntervalSinceNow: -3600)
    try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: left)

    let first = ScratchFolder(in: parent)
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent).isEmpty)
    let folder = try first.make(slot: 3)
    #expect(FileManager.default.fileExists(atPath: folder))
    try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: first.path)
    let second = ScratchFolder(in: parent)
    #expect(FileManager.default.fileExists(atPath: folder))
    first.remove(slot: 3)
    #expect(!FileManager.default.fileExists(atPath: folder))
    first.remove()
    #expect(!FileManager.default.fileExists(atPath: first.path))
    _ = try second.make(slot: 0)
    #expect(FileManager.default.fileExists(atPath: second.path))
  }
}
