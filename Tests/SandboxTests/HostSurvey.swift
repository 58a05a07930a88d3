import Foundation

/// What of this machine an execution could leave behind: looked at before and after, it must be equal.
struct HostSurvey: Equatable, CustomStringConvertible {
  /// How many processes of each name descend from the given launchers, those included.
  var processes: [String: Int] = [:]
  /// Open files of this process.
  var openFiles = 0
  var mounts = 0
  /// Mounts in the namespaces of slots, all together; only root may look there.
  var slotMounts = 0
  /// Control groups of the launchers.
  var controlGroups: [String] = []
  /// Names in the given folders.
  var files: [String] = []

  /// - Parameters:
  ///   - launchers: process ids of the launchers that are ours.
  ///   - folders: where temporary files of ours may lie.
  init(launchers: Set<Int>, folders: [String]) {
    let family = HostProcess.family(of: launchers)
    processes = HostProcess.withoutSpares(family, launchers).reduce(into: [:]) { $0[$1.command, default: 0] += 1 }
    openFiles = Self.entries(of: "/proc/self/fd").count
    mounts = Self.lines(of: "/proc/self/mountinfo")
    slotMounts = family.filter { $0.command == HostProcess.initName }
      .reduce(0) { $0 + Self.lines(of: "/proc/\($1.id)/mountinfo") }
    controlGroups = Self.controlGroups(of: launchers, below: "/sys/fs/cgroup", depth: 5).sorted()
    files = folders.flatMap { folder in Self.entries(of: folder).map { folder + "/" + $0 } }.sorted()
  }

  /// Whether nothing but this process itself is there.
  var isEmpty: Bool { processes.isEmpty && controlGroups.isEmpty && files.isEmpty }

  var description: String {
    "processes \(processes), \(openFiles) open files, \(mounts) mounts, \(slotMounts) mounts in slots, "
      + "control groups \(controlGroups), files \(files)"
  }

  private static func controlGroups(of launchers: Set<Int>, below folder: String, depth: Int) -> [String] {
    guard depth > 0 else { return [] }
    return entries(of: folder).flatMap { name -> [String] in
      let path = folder + "/" + name
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [] }
      // agentenv-<namespace>-<launcher>-<slot>
      let parts = name.split(separator: "-")
      if parts.count > 2, parts[0] == "agentenv", let launcher = Int(parts[2]), launchers.contains(launcher) {
        return [path]
      }
      return controlGroups(of: launchers, below: path, depth: depth - 1)
    }
  }

  private static func lines(of file: String) -> Int {
    ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").count
  }

  private static func entries(of folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}

/// One process, as `/proc` has it.
struct HostProcess: Hashable, Sendable {
  var id: Int
  var parent: Int
  var user: Int
  var command: String
  /// KiB in memory.
  var resident: Int

  /// What a slot's first process calls itself.
  static let initName = "agentenv-init"
  /// User ids that slots take when root starts them.
  private static let slotUsers = 60_000...64_999

  /// The given processes, their descendants, and whoever else runs under a slot's user id that one of them has: nobody
  /// gets out of that by leaving a parent.
  static func family(of launchers: Set<Int>) -> Set<HostProcess> {
    let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
      .compactMap(HostProcess.init(id:))
    var family = Set(all.filter { launchers.contains($0.id) })
    while true {
      let ids = Set(family.map(\.id))
      let users = Set(family.map(\.user).filter(slotUsers.contains))
      let grown = family.union(all.filter { ids.contains($0.parent) || users.contains($0.user) })
      if grown.count == family.count { return family }
      family = grown
    }
  }

  /// All but the one process that each interpreter may keep ready for the next run.
  static func withoutSpares(_ family: Set<HostProcess>, _ launchers: Set<Int>) -> Set<HostProcess> {
    // Outside a process namespace of its own, the interpreter belongs to the slot's first process.
    let parents = launchers.union(family.filter { $0.command == initName }.map(\.id))
    let interpreters = family.filter { parents.contains($0.parent) && $0.command != initName }
    return family.subtracting(interpreters.compactMap { one in family.first { $0.parent == one.id } })
  }

  /// Nil if there is none, or if it has ended and only waits for its parent.
  init?(id: Int) {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return nil }
    var fields: [Substring: Substring] = [:]
    for line in status.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == "\t" || $0 == " " } }
    }
    // A process that has ended and waits for its parent holds nothing any more but its number. One whose first thread
    // has ended looks the same, but for its other threads.
    let threads = fields["Threads"].flatMap { Int($0) } ?? 0
    let isDead = fields["State"]?.first == "Z" && threads <= 1
    guard let parent = fields["PPid"].flatMap({ Int($0) }), !isDead,
      let user = fields["Uid"]?.split(separator: "\t").first.flatMap({ Int($0) })
    else { return nil }
    self.id = id
    self.parent = parent
    self.user = user
    command = String(fields["Name"] ?? "?")
    resident = fields["VmRSS"].flatMap { Int($0.prefix { $0 != " " }) } ?? 0
  }
}
