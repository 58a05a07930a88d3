import Foundation
import Sandbox
import Testing

/// One file of `Attacks/`: a program that tries to get out of the sandbox, and what its header says about it.
struct AttackProgram: Sendable {
  /// Group and file: `processes/fork-bomb.py`.
  var name: String
  /// What it tries, and what stops it, in words.
  var attempt: String
  var defence: String
  var modes: [IsolationMode]
  /// Statuses that an orderly defence may end in.
  var statuses: Set<ExecutionStatus>
  var limits = ExecutionLimits(wall: .seconds(2))
  /// It runs once for each of these; one nil if it has none.
  var variants: [String?] = [nil]
  var collect: [String] = []
  /// Whether collected files may come back.
  var mayHandOverFiles = true
  /// The refused system call that the result must name.
  var violation: String?
  /// A degradation that, where the result reports it, makes success acceptable.
  var waiver: String?
  /// Two runs must not print the same.
  var mustDiffer = false
  var inputBytes = 0
  /// Made against the compiler: it never gets to run.
  var isForCompiler = false
  /// Cells of one session rather than a program.
  var isSession = false
  var architecture: String?
  /// The program's text without what every attack begins with.
  var text: String

  var language: String {
    switch name.split(separator: ".").last {
    case "sh": "bash"
    case "c": "c"
    default: "python"
    }
  }

  /// The text as it runs.
  var code: String { get throws { try Self.prelude(of: language) + "\n" + text } }

  /// The cells of a session; the first begins with what every attack begins with.
  var cells: [String] {
    get throws { try code.components(separatedBy: "\n# %%\n") }
  }
}

/// What is wrong with a header.
struct AttackHeaderError: Error, CustomStringConvertible {
  var file: String
  var problem: String

  var description: String { "\(file): \(problem)" }
}

extension AttackProgram {
  /// Reads the header, which is strict: a slip must not turn a test into one that cannot fail.
  init(name: String, text: String) throws(AttackHeaderError) {
    let mark = name.hasSuffix(".c") ? "// " : "# "
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard line.hasPrefix(mark), let colon = line.range(of: ": ") else { break }
      let key = String(line[line.index(line.startIndex, offsetBy: mark.count)..<colon.lowerBound])
      let value = String(line[colon.upperBound...])
      if let old = fields[key] {
        guard key == "variants" else { throw AttackHeaderError(file: name, problem: "`\(key)` is given twice") }
        fields[key] = old + "; " + value
      } else {
        fields[key] = value
      }
    }
    var header = AttackHeader(file: name, fields: fields)
    self.name = name
    self.text = text
    attempt = try header.required("attacks")
    defence = try header.required("stopped-by")
    modes = try header.modes()
    isSession = try header.flag("session")
    statuses = isSession ? Set(ExecutionStatus.allCases) : try header.statuses()
    limits = try header.limits()
    if let list = header.optional("variants") { variants = list.components(separatedBy: "; ") }
    collect = header.optional("collect")?.components(separatedBy: ", ") ?? []
    mayHandOverFiles = try header.files(areCollected: !collect.isEmpty)
    violation = header.optional("violation")
    waiver = header.optional("waived-by")
    mustDiffer = try header.flag("differs")
    if let bytes = header.optional("input-bytes") { inputBytes = try header.number(bytes, in: "input-bytes") }
    architecture = header.optional("architecture")
    isForCompiler = try header.phase() == .compile
    try header.end()
  }

  static let folder = (Bundle.module.resourceURL ?? Bundle.module.bundleURL).appendingPathComponent("Attacks")

  /// Every attack, by name.
  static func all() throws -> [AttackProgram] {
    try names().map { try AttackProgram(name: $0, text: read($0)) }
  }

  static func prelude(of language: String) throws -> String {
    try read("prelude/prelude." + ["python": "py", "bash": "sh", "c": "h"][language, default: language])
  }

  /// A program that prints what it finds when it starts.
  static func survey(in language: String) throws -> String {
    if language == "python" { return try read("prelude/survey.py") }
    let shell = try read("prelude/survey.sh")
    if language == "bash" { return shell }
    let quoted = shell.map { $0 == "\n" ? "\\n" : "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    return
      "#include <unistd.h>\nint main(void) { return execl(\"/bin/bash\", \"bash\", \"-c\", \"\(quoted)\", (char *)0); }\n"
  }

  private static func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private static func names() throws -> [String] {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: folder.path).sorted().flatMap { group -> [String] in
      if group == "prelude" || group.contains(".") { return [] }
      return try files.contentsOfDirectory(atPath: folder.appendingPathComponent(group).path).sorted()
        .map { group + "/" + $0 }
    }
  }
}

/// The keys of a header while they are read.
private struct AttackHeader {
  var file: String
  var fields: [String: String]

  mutating func optional(_ key: String) -> String? { fields.removeValue(forKey: key) }

  mutating func required(_ key: String) throws(AttackHeaderError) -> String {
    guard let value = optional(key), !value.isEmpty else { throw error("`\(key)` is missing") }
    return value
  }

  mutating func flag(_ key: String) throws(AttackHeaderError) -> Bool {
    guard let value = optional(key) else { return false }
    guard value == "yes" else { throw error("`\(key)` is `\(value)`: only `yes` means something") }
    return true
  }

  mutating func phase() throws(AttackHeaderError) -> ExecutionResult.Phase {
    guard let value = optional("phase") else { return .run }
    guard let phase = ExecutionResult.Phase(rawValue: value) else { throw error("there is no phase `\(value)`") }
    return phase
  }

  mutating func modes() throws(AttackHeaderError) -> [IsolationMode] {
    let value = try required("modes")
    if value == "both" { return IsolationMode.allCases }
    guard let mode = IsolationMode(rawValue: value) else { throw error("there is no mode `\(value)`") }
    return [mode]
  }

  mutating func statuses() throws(AttackHeaderError) -> Set<ExecutionStatus> {
    var statuses: Set<ExecutionStatus> = []
    for name in try required("expect").components(separatedBy: ", ") {
      guard let status = ExecutionStatus(rawValue: name) else { throw error("there is no status `\(name)`") }
      statuses.insert(status)
    }
    return statuses
  }

  mutating func files(areCollected: Bool) throws(AttackHeaderError) -> Bool {
    guard areCollected else {
      if optional("files") != nil { throw error("`files` without `collect`") }
      return true
    }
    switch optional("files") ?? "any" {
    case "any": return true
    case "none": return false
    case let other: throw error("`files` is `\(other)`: it must be `any` or `none`")
    }
  }

  mutating func limits() throws(AttackHeaderError) -> ExecutionLimits {
    var limits = ExecutionLimits(wall: .seconds(2))
    for part in optional("limits")?.components(separatedBy: ", ") ?? [] {
      let words = part.components(separatedBy: " ")
      guard words.count == 2 else { throw error("limit `\(part)` is no name and number") }
      guard let value = Double(words[1]), value > 0 else { throw error("`\(part)` has no positive number") }
      let count = Int(value)
      switch words[0] {
      case "wall": limits.wall = .seconds(value)
      case "cpu": limits.cpu = .seconds(value)
      case "memory": limits.memoryBytes = count << 20
      case "disk": limits.workBytes = count << 20
      case "output": limits.outputBytes = count << 10
      case "collected": limits.collectedBytes = count << 10
      case "processes": limits.processes = count
      case "files": limits.openFiles = count
      case "entries": limits.workFiles = count
      default: throw error("there is no limit `\(words[0])`")
      }
    }
    return limits
  }

  func number(_ text: String, in key: String) throws(AttackHeaderError) -> Int {
    guard let number = Int(text), number > 0 else { throw error("`\(text)` in `\(key)` is no positive number") }
    return number
  }

  func end() throws(AttackHeaderError) {
    if let unknown = fields.keys.min() { throw error("there is no key `\(unknown)`") }
  }

  private func error(_ problem: String) -> AttackHeaderError { AttackHeaderError(file: file, problem: problem) }
}
