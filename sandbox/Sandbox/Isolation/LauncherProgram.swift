import Foundation

/// The program that builds slots, `agentenv-sandbox`.
public struct LauncherProgram: Sendable, Hashable {
  public let path: String

  public static let name = "agentenv-sandbox"
  /// Names the program where it lies somewhere else.
  public static let environmentVariable = "AGENTENV_SANDBOX"

  /// Looks where it may be: at the given path, at the one that AGENTENV_SANDBOX names, beside the running program, and
  /// in `libexec` next to its folder.
  ///
  /// The first of these that is named counts: a wrong path is an error, not a reason to look further.
  /// - Throws: `SandboxError.unavailable`, saying where it was looked for.
  public init(path explicit: String? = nil) throws(SandboxError) {
    for named in [explicit, ProcessInfo.processInfo.environment[Self.environmentVariable]] {
      guard let named, !named.isEmpty else { continue }
      guard FileManager.default.isExecutableFile(atPath: named) else {
        throw .unavailable(reason: "the sandbox's program is not at \(named): check that path")
      }
      path = named
      return
    }
    let places = Self.places
    guard let found = places.first(where: FileManager.default.isExecutableFile) else {
      throw .unavailable(
        reason: "the sandbox's program \(Self.name) is missing: build it (`swift build`), or set "
          + "\(Self.environmentVariable) to its path (looked for \(places.joined(separator: ", ")))")
    }
    path = found
  }

  private static var places: [String] {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return [] }
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    return [
      folder.appendingPathComponent(name).path,
      folder.deletingLastPathComponent().appendingPathComponent("libexec/\(name)").path,
    ]
  }
}
