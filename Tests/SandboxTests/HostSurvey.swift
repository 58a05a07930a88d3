import Foundation

/// What of this machine an execution could leave behind: looked at before and after, it must be equal.
struct HostSurvey: Equatable, CustomStringConvertible {
  /// Processes that descend from the given ones, those included, and whoever else runs under a user id of theirs.
  var processes: [String] = []
  /// Open files of this process.
  var openFiles = 0
  var mounts = 0
  /// Control groups whose names say that they are ours.
  var controlGroups: [String] = []
  /// Names in the given folders.
  var files: [String] = []

  /// - Parameters:
  ///   - launchers: process ids of the launchers that are ours.
  ///   - folders: where temporary files of ours may lie.
  init(launchers: Set<Int>, folders: [String]) {
    processes = Self.processes(of: launchers).map(\.description).sorted()
    openFiles = Self.entries(of: "/proc/self/fd").count
    mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8))?.split(separator: "\n").count ?? 0
    controlGroups = Self.controlGroups(below: "/sys/fs/cgroup", depth: 4).sorted()
    files = folders.flatMap { folder in Self.entries(of: folder).map { folder + "/" + $0 } }.sorted()
  }

  var description: String {
    "\(processes.count) processes \(processes), \(openFiles) open files, \(mounts) mounts, "
      + "control groups \(controlGroups), files \(files)"
  }

  /// One process, as `/proc` has it.
  struct Process: Hashable, CustomStringConvertible {
    var id: Int
    var parent: Int
    var user: Int
    var command: String

    var description: String { "\(command) (\(id), user \(user))" }
  }

  /// The first user id that slots take.
  private static let firstUser = 60_000
  private static let lastUser = 64_999

  static func processes(of launchers: Set<Int>) -> Set<Process> {
    let all = entries(of: "/proc").compactMap { Int($0) }.compactMap(process)
    var family = Set(all.filter { launchers.contains($0.id) })
    while true {
      let ids = Set(family.map(\.id))
      let users = Set(family.map(\.user).filter { (firstUser...lastUser).contains($0) })
      let grown = family.union(all.filter { ids.contains($0.parent) || users.contains($0.user) })
      if grown.count == family.count { return family }
      family = grown
    }
  }

  /// Those that run under a user id of a slot, whosever it is.
  static func slotProcesses() -> [Process] {
    entries(of: "/proc").compactMap { Int($0) }.compactMap(process).filter { (firstUser...lastUser).contains($0.user) }
  }

  private static func process(_ id: Int) -> Process? {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return nil }
    var fields: [Substring: Substring] = [:]
    for line in status.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == "\t" || $0 == " " } }
    }
    // A process that has ended and waits for its parent holds nothing any more but its number.
    guard let parent = fields["PPid"].flatMap({ Int($0) }), fields["State"]?.first != "Z",
      let user = fields["Uid"]?.split(separator: "\t").first.flatMap({ Int($0) })
    else { return nil }
    return Process(id: id, parent: parent, user: user, command: String(fields["Name"] ?? "?"))
  }

  private static func controlGroups(below folder: String, depth: Int) -> [String] {
    guard depth > 0 else { return [] }
    return entries(of: folder).flatMap { name -> [String] in
      let path = folder + "/" + name
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [] }
      return (name.contains("agentenv") ? [path] : []) + controlGroups(below: path, depth: depth - 1)
    }
  }

  private static func entries(of folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
