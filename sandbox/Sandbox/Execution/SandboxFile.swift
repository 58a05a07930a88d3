/// A file that goes into a work directory, or comes out of one.
public struct SandboxFile: Sendable, Hashable {
  /// Path relative to the work directory, with `/` between folders: `data/points.csv`.
  public var name: String
  public var contents: [UInt8]

  public init(name: String, contents: [UInt8]) {
    self.name = name
    self.contents = contents
  }

  public init(name: String, text: String) {
    self.init(name: name, contents: Array(text.utf8))
  }
}

extension SandboxFile {
  /// Most bytes in one component of a path, as Linux has it.
  static let longestComponent = 255
  /// Most bytes in a path, and most folders in it.
  static let longestPath = 1024
  static let deepestPath = 32

  /// Why a path cannot name a file in the work directory, if it cannot.
  static func problem(withName name: String) -> String? {
    let shown = "file name \(quoted(name))"
    if name.isEmpty { return "\(shown): it is empty" }
    if name.utf8.contains(0) { return "\(shown): it contains a NUL byte" }
    if name.hasPrefix("/") { return "\(shown): it must be relative to the work directory" }
    if name.utf8.count > longestPath { return "\(shown): it is longer than \(longestPath) bytes" }
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    if components.count > deepestPath { return "\(shown): it has more than \(deepestPath) folders" }
    for component in components {
      if component.isEmpty || component == "." || component == ".." {
        return "\(shown): `\(component)` is no name of a file or folder"
      }
      if component.utf8.count > longestComponent {
        return "\(shown): a name in it is longer than \(longestComponent) bytes"
      }
    }
    return nil
  }

  /// Why these files cannot lie in one directory together, if they cannot: a bad name, a name that comes twice, or one
  /// that is a file here and a folder there.
  static func problem(with names: some Sequence<String>) -> String? {
    var files: Set<String> = []
    var folders: Set<Substring> = []
    for name in names {
      if let problem = problem(withName: name) { return problem }
      if !files.insert(name).inserted { return "file name \(quoted(name)): it is given twice" }
      for (index, character) in zip(name.indices, name) where character == "/" { folders.insert(name[..<index]) }
    }
    let clash = files.filter { folders.contains($0[...]) }.min()
    return clash.map { "file name \(quoted($0)): it is a file and a folder at once" }
  }

  private static func quoted(_ name: String) -> String {
    let short = name.count > 80 ? name.prefix(80) + "…" : name[...]
    return "`" + String(short.map { $0.isNewline || $0 == "\0" ? "\u{FFFD}" : $0 }) + "`"
  }
}
