import Glibc

/// Where things lie in the folder of a training run.
public struct RunFolder: Sendable, Hashable {
  /// The folder, without a slash at its end.
  public let path: String

  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The last component of the path.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The resolved recipe.
  public var recipe: String { "\(path)/recipe.yaml" }
  /// One flat JSON object a step.
  public var metrics: String { "\(path)/metrics.jsonl" }
  /// What the run came to; written at its end.
  public var summary: String { "\(path)/summary.json" }
  public var trajectories: String { "\(path)/trajectories.sqlite" }
  public var checkpoints: String { "\(path)/checkpoints" }
  public var report: String { "\(path)/report.html" }

  /// The names in `checkpoints/`, in order of name; numbers inside names count as numbers, so `step-9` is before
  /// `step-10`. Empty if there is no such folder.
  public var checkpointNames: [String] {
    guard let directory = opendir(checkpoints) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { Self.sortKey($0) < Self.sortKey($1) }
  }

  private static func sortKey(_ name: String) -> String {
    var key = ""
    var digits = ""
    for character in name + "\u{0}" {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else {
        key += String(repeating: "0", count: max(0, 20 - digits.count) * (digits.isEmpty ? 0 : 1)) + digits
        digits = ""
        key.append(character)
      }
    }
    return key
  }
}
