/// A language with everything looked up on this machine.
struct ResolvedLanguage: Sendable, Hashable {
  let profile: LanguageProfile
  /// Starts the zygote; empty: there is none.
  var zygote: [String] = []
  var compile: [String] = []
  var run: [String] = []
  /// Starts one cell of a session that keeps its directory.
  var cell: [String] = []
  var readOnlyPaths: [String] = []
  var environment: [String] = []

  /// Name of the compiled program in the work directory.
  static let output = "program"

  /// The file that the program's text lies in; nil: the text goes to the zygote as it is.
  var programFile: String? { profile.zygote == nil ? profile.file : nil }

  /// Files in the work directory that neither the caller nor the program made.
  var ownFiles: [String] { programFile.map { [$0] + (compile.isEmpty ? [] : [Self.output]) } ?? [] }
}

/// Whether a language can be run here, for people: `agentenv exec --list`.
public struct LanguageStatus: Sendable, Hashable {
  public var profile: LanguageProfile
  /// What is missing and how to get it; nil: nothing.
  public var missing: String?
  /// The program that runs it.
  public var program: String
}
