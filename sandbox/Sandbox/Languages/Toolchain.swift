import AgentCore
import Foundation

/// Finds on this machine what a language needs. All of it blocks: it starts programs and asks them.
struct Toolchain {
  /// Where commands are looked up.
  var searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"

  /// What toolchains are asked with: their own settings may lie in the home folder.
  private var environment: [String] {
    ["PATH=\(searchPath)"] + (ProcessInfo.processInfo.environment["HOME"].map { ["HOME=\($0)"] } ?? [])
  }

  private static let queryTimeout = Duration.seconds(20)

  /// - Throws: `SandboxError.missingToolchain` with the package to install.
  func resolve(_ profile: LanguageProfile) throws(SandboxError) -> ResolvedLanguage {
    var language = ResolvedLanguage(profile: profile)
    language.readOnlyPaths = profile.readOnlyPaths.filter { FileManager.default.fileExists(atPath: $0) }
    language.environment = profile.environment
    var values = ["file": profile.file, "output": "./\(ResolvedLanguage.output)"]
    for command in profile.commands {
      guard let path = find(command.name) else { throw missing(profile, command.name, command.package) }
      values[command.name] = visible(path, in: &language)
    }
    for query in profile.queries {
      let path = try answer(to: query, of: profile)
      values[query.name] = path
      language.readOnlyPaths.append(path)
    }
    language.compile = Template.filled(profile.compile?.arguments ?? [], values)
    language.run = Template.filled(profile.run?.arguments ?? [], values)
    if case .directory(let step) = profile.session { language.cell = Template.filled(step.arguments, values) }
    language.environment = Template.filled(language.environment, values)
    if let zygote = profile.zygote { try addZygote(zygote, to: &language) }
    return language
  }

  private func missing(_ profile: LanguageProfile, _ name: String, _ package: String) -> SandboxError {
    .missingToolchain(language: profile.name, reason: "\(name): apt-get install \(package)")
  }

  /// The absolute path of a command.
  private func find(_ name: String) -> String? {
    if name.hasPrefix("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    return searchPath.split(separator: ":").lazy.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// A command outside the system's folders is made readable inside, as itself: what a link points to.
  private func visible(_ path: String, in language: inout ResolvedLanguage) -> String {
    let isSystem = ["/usr/", "/bin/", "/sbin/"].contains { path.hasPrefix($0) }
    if isSystem || language.readOnlyPaths.contains(where: { path.hasPrefix($0 + "/") }) { return path }
    let program = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    language.readOnlyPaths.append(program)
    return program
  }

  private func answer(to query: LanguageProfile.Query, of profile: LanguageProfile) throws(SandboxError) -> String {
    guard let program = query.arguments.first, let path = find(program) else {
      throw missing(profile, query.arguments.first ?? query.name, query.package)
    }
    let output = CommandOutput.captureBlocking(
      [path] + query.arguments.dropFirst(), environment: environment, timeout: Self.queryTimeout)
    guard let line = output?.firstLine, line.hasPrefix("/") else {
      throw .missingToolchain(
        language: profile.name, reason: "`\(query.arguments.joined(separator: " "))` to print a path")
    }
    return line
  }

  // MARK: Interpreters

  private func addZygote(_ zygote: LanguageProfile.Zygote, to language: inout ResolvedLanguage) throws(SandboxError) {
    let profile = language.profile
    let found = zygote.interpreters.compactMap(find).reduce(into: [String]()) { found, path in
      if !found.contains(path) { found.append(path) }
    }
    guard !found.isEmpty else { throw missing(profile, zygote.interpreters[0], "python3") }
    for path in found {
      guard let facts = PythonFacts(asking: path, about: zygote, environment: environment) else { continue }
      language.readOnlyPaths += facts.folders
      language.zygote = facts.commandLine
      return
    }
    guard let package = zygote.required.first else {
      throw .missingToolchain(language: profile.name, reason: "a working \(found[0]): it does not answer")
    }
    let names = zygote.required.map(\.name).joined(separator: ", ")
    throw .missingToolchain(
      language: profile.name,
      reason: "a Python with \(names): apt-get install \(package.package) (tried \(found.joined(separator: ", ")))")
  }
}
