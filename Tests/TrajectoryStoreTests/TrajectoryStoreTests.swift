import AgentCore
import Foundation
import GRDB
import Synchronization
import Testing

@testable import TrajectoryStore

/// A path in a new temporary folder.
func temporaryPath(_ name: String = "store.sqlite") throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.appendingPathComponent(name).path
}

/// Records a whole trajectory the way a session does.
func record(_ trajectory: Trajectory, in store: TrajectoryStore) async throws {
  var start = trajectory
  start.turns = []
  start.outcome = nil
  try await store.begin(start)
  for turn in trajectory.turns { try await store.append(turn, to: trajectory.id) }
  if let outcome = trajectory.outcome { try await store.finish(trajectory.id, outcome: outcome) }
}

@Suite struct TrajectoryStoreTests {
  @Test("what is recorded turn by turn reads back equal, before and after opening the file again")
  func roundTrip() async throws {
    let path = try temporaryPath()
    var samples = SampleTrajectories(seed: 1)
    let all = (0..<40).map { samples.next(id: "t\($0)") }
    let store = try TrajectoryStore(path: path)
    for trajectory in all { try await record(trajectory, in: store) }
    for trajectory in all { #expect(try await store.trajectory(trajectory.id) == trajectory) }
    let again = try TrajectoryStore(path: path, mode: .existing)
    for trajectory in all { #expect(try await again.trajectory(trajectory.id) == trajectory) }
    #expect(try await again.trajectory("nobody") == nil)
  }

  @Test("the last turn and the outcome can come in one write")
  func finishWithTurn() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    var samples = SampleTrajectories(seed: 2)
    let trajectory = samples.next(id: "t", turns: 2, finished: true)
    let outcome = try #require(trajectory.outcome)
    var start = trajectory
    start.turns = []
    start.outcome = nil
    try await store.begin(start)
    try await store.append(trajectory.turns[0], to: "t")
    try await store.finish("t", lastTurn: trajectory.turns[1], outcome: outcome)
    #expect(try await store.trajectory("t") == trajectory)
  }

  @Test("tokens that become known later are part of the record")
  func lateTokens() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    var samples = SampleTrajectories(seed: 3)
    var trajectory = samples.next(id: "t", turns: 3, finished: false)
    trajectory.prompt = nil
    for index in trajectory.turns.indices { trajectory.turns[index].observation.tokens = nil }
    var expected = trajectory
    let prompt = samples.tokens()
    let observations = [samples.tokens(), samples.tokens()]
    var start = trajectory
    start.turns = []
    try await store.begin(start)
    try await store.append(trajectory.turns[0], to: "t", tokens: LateTokens(prompt: prompt))
    try await store.append(trajectory.turns[1], to: "t", tokens: LateTokens(observations: [0: observations[0]]))
    try await store.append(trajectory.turns[2], to: "t")
    try await store.append(LateTokens(observations: [2: observations[1]]), to: "t")
    expected.prompt = prompt
    expected.turns[0].observation.tokens = observations[0]
    expected.turns[2].observation.tokens = observations[1]
    #expect(try await store.trajectory("t") == expected)
  }

  @Test("writes that make no sense are refused and change nothing")
  func wrongWrites() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    var samples = SampleTrajectories(seed: 4)
    let trajectory = samples.next(id: "t", turns: 1, finished: false)
    try await record(trajectory, in: store)
    var start = trajectory
    start.turns = []
    await #expect(throws: StoreError.duplicateTrajectory(id: "t")) { try await store.begin(start) }
    await #expect(throws: StoreError.wrongTurn(id: "t", index: 0)) {
      try await store.append(trajectory.turns[0], to: "t")
    }
    var gap = trajectory.turns[0]
    gap.index = 2
    await #expect(throws: StoreError.wrongTurn(id: "t", index: 2)) { try await store.append(gap, to: "t") }
    await #expect(throws: StoreError.unknownTrajectory(id: "u")) { try await store.append(gap, to: "u") }
    let late = LateTokens(prompt: samples.tokens(), observations: [5: samples.tokens()])
    await #expect(throws: StoreError.wrongTurn(id: "t", index: 5)) { try await store.append(late, to: "t") }
    #expect(try await store.trajectory("t") == trajectory)
    let outcome = samples.outcome()
    try await store.finish("t", outcome: outcome)
    await #expect(throws: StoreError.alreadyFinished(id: "t")) { try await store.finish("t", outcome: outcome) }
    gap.index = 1
    await #expect(throws: StoreError.alreadyFinished(id: "t")) { try await store.append(gap, to: "t") }
    await #expect(throws: StoreError.unknownTrajectory(id: "u")) { try await store.finish("u", outcome: outcome) }
  }

  @Test("lists are filtered and ordered")
  func filters() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    var samples = SampleTrajectories(seed: 5)
    let all = (0..<60).map { samples.next(id: "t\($0)") }
    for trajectory in all { try await record(trajectory, in: store) }
    func ids(_ change: (inout TrajectoryFilter) -> Void) async throws -> [String] {
      var filter = TrajectoryFilter()
      change(&filter)
      #expect(try await store.count(filter) == store.list(filter).count)
      return try await store.list(filter).map(\.id)
    }
    #expect(try await ids { _ in } == all.map(\.id))
    #expect(try await ids { $0.state = .open } == all.filter { $0.outcome == nil }.map(\.id))
    #expect(try await ids { $0.state = .finished } == all.filter { $0.outcome != nil }.map(\.id))
    #expect(try await ids { $0.isSuccess = true } == all.filter { $0.outcome?.isSuccess == true }.map(\.id))
    #expect(try await ids { $0.split = .test } == all.filter { $0.task.split == .test }.map(\.id))
    #expect(try await ids { $0.groupID = "group 1" } == all.filter { $0.groupID == "group 1" }.map(\.id))
    #expect(try await ids { $0.environment = "other" } == [])
    #expect(try await ids { $0.since = "9999" } == [])
    let version = try #require(all.compactMap(\.policy).first?.version)
    #expect(try await ids { $0.policyVersion = version } == all.filter { $0.policy?.version == version }.map(\.id))
    #expect(
      try await ids {
        $0.newestFirst = true
        $0.limit = 3
      } == ["t59", "t58", "t57"])
    for (summary, trajectory) in zip(try await store.list(), all) {
      #expect(summary.turns == trajectory.turns.count)
      #expect(abs(summary.totalReturn - trajectory.totalReturn) < 1e-12)
      #expect(summary.termination == trajectory.outcome?.termination)
      #expect(summary.isOpen == (trajectory.outcome == nil))
    }
  }

  @Test("annotations are kept beside the record, and replaced by key")
  func annotations() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    var samples = SampleTrajectories(seed: 6)
    let trajectory = samples.next(id: "t")
    try await record(trajectory, in: store)
    try await store.annotate("t", key: "advantages", [1, 2.5])
    try await store.annotate(key: "advantages", [(id: "t", value: [0.5])])
    try await store.annotate("t", key: "a", ["x": nil])
    #expect(try await store.annotations("t") == ["a": ["x": nil], "advantages": [0.5]])
    #expect(try await store.annotations("u") == [:])
    await #expect(throws: StoreError.unknownTrajectory(id: "u")) { try await store.annotate("u", key: "k", 1) }
    await #expect(throws: StoreError.unknownTrajectory(id: "u")) {
      try await store.annotate(key: "k", [(id: "t", value: 1), (id: "u", value: 1)])
    }
    #expect(try await store.annotations("t").keys == ["a", "advantages"])
    #expect(try await store.trajectory("t") == trajectory)
  }

  @Test("many writers at once keep every turn")
  func concurrentWriters() async throws {
    let store = try TrajectoryStore(path: temporaryPath())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<50 {
        group.addTask {
          var samples = SampleTrajectories(seed: index)
          try await record(samples.next(id: "t\(index)", turns: 5, finished: true), in: store)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await store.list().map(\.turns) == Array(repeating: 5, count: 50))
  }
}

@Suite struct StoreFailureTests {
  private func openError(_ path: String, mode: TrajectoryStore.OpenMode = .create) -> StoreError? {
    do {
      _ = try TrajectoryStore(path: path, mode: mode)
      return nil
    } catch {
      return error
    }
  }

  @Test("a missing file, folder or a folder in place of a file is said")
  func cannotOpen() throws {
    let path = try temporaryPath()
    #expect(openError(path, mode: .existing) == .notFound(path: path))
    #expect(!FileManager.default.fileExists(atPath: path))
    guard case .cannotOpen = openError(path + "/x/store.sqlite") else {
      Issue.record("\(String(describing: openError(path + "/x/store.sqlite")))")
      return
    }
    let folder = (path as NSString).deletingLastPathComponent
    guard case .cannotOpen = openError(folder) else {
      Issue.record("\(String(describing: openError(folder)))")
      return
    }
  }

  @Test("a file that is no database is left alone")
  func notADatabase() throws {
    let path = try temporaryPath()
    let text = String(repeating: "this is a text\n", count: 200)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(openError(path) == .notADatabase(path: path))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test("another program's database is left alone")
  func foreign() throws {
    let path = try temporaryPath()
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE notes (text)") }
    #expect(openError(path) == .notATrajectoryStore(path: path))
    #expect(try other.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master") } == ["notes"])
  }

  @Test("a store of a newer program is refused")
  func newer() async throws {
    let path = try temporaryPath()
    _ = try TrajectoryStore(path: path)
    try await DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
    #expect(openError(path) == .newerFormat(path: path, found: 99, known: 1))
  }

  @Test("a damaged file gives an error, never other content")
  func damaged() async throws {
    let path = try temporaryPath()
    var samples = SampleTrajectories(seed: 8)
    let all = (0..<50).map { samples.next(id: "t\($0)", turns: 4, finished: true) }
    do {
      let store = try TrajectoryStore(path: path)
      for trajectory in all { try await record(trajectory, in: store) }
      try await DatabaseQueue(path: path).writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
    }
    var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
    for index in stride(from: 8192, to: bytes.count, by: 3) { bytes[index] = 0x5A }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var errors = 0
    do {
      let store = try TrajectoryStore(path: path)
      for trajectory in all {
        do {
          if let found = try await store.trajectory(trajectory.id) { #expect(found == trajectory) }
        } catch { errors += 1 }
      }
    } catch { errors += 1 }
    #expect(errors > 0)
  }

  @Test("a store that another process has locked gives an error after a short wait, and works again later")
  func locked() async throws {
    let path = try temporaryPath()
    let store = try TrajectoryStore(path: path)
    var samples = SampleTrajectories(seed: 9)
    let trajectory = samples.next(id: "t", turns: 0, finished: false)
    var configuration = GRDB.Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    await #expect(throws: StoreError.locked(path: path)) { try await store.begin(trajectory) }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try await store.begin(trajectory)
    #expect(try await store.count() == 1)
  }

  @Test("a full disk gives an error, and what was acknowledged is kept")
  func full() async throws {
    let path = try temporaryPath()
    let store = try TrajectoryStore(path: path)
    let pages = try await store.perform { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    // SQLite reports its page limit exactly as it reports a full disk.
    try await store.perform { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 20)") }
    var samples = SampleTrajectories(seed: 10)
    var kept: [Trajectory] = []
    var failure: StoreError?
    while failure == nil && kept.count < 1000 {
      let trajectory = samples.next(id: "t\(kept.count)", turns: 0, finished: false)
      do {
        try await store.begin(trajectory)
        kept.append(trajectory)
      } catch { failure = error }
    }
    #expect(failure == .diskFull(path: path))
    #expect(!kept.isEmpty)
    for trajectory in kept { #expect(try await store.trajectory(trajectory.id) == trajectory) }
  }

  @Test("two stores on one file take turns")
  func twoStores() async throws {
    let path = try temporaryPath()
    let first = try TrajectoryStore(path: path)
    let second = try TrajectoryStore(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, store) in [first, second].enumerated() {
        group.addTask {
          var samples = SampleTrajectories(seed: index)
          for number in 0..<40 {
            try await record(samples.next(id: "\(index)-\(number)", turns: 3, finished: true), in: store)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await first.count() == 80)
  }

  @Test("a process that is killed loses nothing that was acknowledged")
  func killed() async throws {
    let path = try temporaryPath()
    let store = try TrajectoryStore(path: path)
    var samples = SampleTrajectories(seed: 11)
    let trajectory = samples.next(id: "t", turns: 2, finished: false)
    try await record(trajectory, in: store)
    // What kill -9 leaves behind is the files as they are at this moment: database and log, nothing closed.
    let copy = try temporaryPath()
    for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix) }
    let survivor = try TrajectoryStore(path: copy, mode: .existing)
    #expect(try await survivor.trajectory("t") == trajectory)
    var open = TrajectoryFilter()
    open.state = .open
    #expect(try await survivor.list(open).map(\.id) == ["t"])
  }
}
