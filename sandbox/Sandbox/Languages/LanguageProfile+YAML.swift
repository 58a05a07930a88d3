import Configuration

extension LanguageProfile {
  /// Reads a profile. Unknown keys are errors, with a suggestion.
  init(_ document: ConfigurationDocument) throws(ConfigurationError) {
    var section = document.section
    name = try section.string("name")
    aliases = try section.optionalStrings("aliases") ?? []
    description = try section.string("description")
    file = try section.optionalString("file") ?? "main"
    zygote = try section.optionalSection("zygote").map { section throws(ConfigurationError) in try Zygote(section) }
    compile = try section.optionalSection("compile").map { section throws(ConfigurationError) in try Step(section) }
    run = try section.optionalSection("run").map { section throws(ConfigurationError) in try Step(section) }
    commands = try Self.commands(&section, "commands")
    queries = try Self.queries(&section)
    readOnlyPaths = try section.optionalStrings("read_only") ?? []
    environment = try Self.texts(&section, "environment").map { "\($0.key)=\($0.value)" }
    systemCalls = try section.optionalStrings("system_calls") ?? []
    limits = try section.executionLimits("limits")
    session = .none
    session = try Self.session(&section, hasZygote: zygote != nil)
    try section.finish()
    try check(section)
  }

  private func check(_ section: ConfigurationSection) throws(ConfigurationError) {
    for name in [name] + aliases {
      let isPlain = name.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x5F].contains(byte)
      }
      guard isPlain, !name.isEmpty, name.utf8.count <= 64 else {
        throw section.error("name", "`\(name)` is no name: use lower-case letters, digits, `-`, `+` and `_`")
      }
    }
    if let problem = SandboxFile.problem(withName: file) { throw section.error("file", problem) }
    guard (zygote == nil) != (run == nil) else {
      throw section.error(run == nil ? "run" : "zygote", "a language has either `run` or `zygote`")
    }
    if let path = readOnlyPaths.first(where: { !$0.hasPrefix("/") }) {
      throw section.error("read_only", "`\(path)` is no absolute path")
    }
    let known = Set(["file", "output"] + commands.map(\.name) + queries.map(\.name))
    for (key, step) in [("compile", compile), ("run", run)] {
      if let unknown = step.flatMap({ Template.unknownName(in: $0.arguments, known: known) }) {
        throw section.error(key, "`{\(unknown)}` stands for nothing (known: \(known.sorted().joined(separator: ", ")))")
      }
    }
  }

  private static func session(
    _ section: inout ConfigurationSection, hasZygote: Bool
  ) throws(ConfigurationError) -> Session {
    guard let session = try section.optionalSection("session") else { return hasZygote ? .interpreter : .none }
    guard !hasZygote else { throw section.error("session", "a language with a zygote keeps its interpreter") }
    return .directory(try Step(session))
  }

  private static func queries(_ section: inout ConfigurationSection) throws(ConfigurationError) -> [Query] {
    var queries: [Query] = []
    guard var entries = try section.optionalSection("queries") else { return [] }
    for name in entries.keys {
      var query = try entries.section(name)
      let arguments = try query.optionalStrings("argv") ?? []
      queries.append(Query(name: name, arguments: arguments, package: try query.string("package")))
      try query.finish()
      if arguments.isEmpty { throw query.error("argv", "missing") }
    }
    return queries
  }

  fileprivate static func commands(
    _ section: inout ConfigurationSection, _ key: String
  ) throws(ConfigurationError) -> [Command] {
    try texts(&section, key).map { Command(name: $0.key, package: $0.value) }
  }

  private static func texts(
    _ section: inout ConfigurationSection, _ key: String
  ) throws(ConfigurationError) -> [(key: String, value: String)] {
    guard var entries = try section.optionalSection(key) else { return [] }
    var texts: [(String, String)] = []
    for name in entries.keys { texts.append((name, try entries.string(name))) }
    return texts
  }
}

extension LanguageProfile.Zygote {
  fileprivate init(_ section: ConfigurationSection) throws(ConfigurationError) {
    var section = section
    interpreters = try section.optionalStrings("interpreters") ?? []
    modules = try section.optionalStrings("modules") ?? []
    required = try LanguageProfile.commands(&section, "required")
    sitePackages = try section.bool("site_packages", default: false)
    try section.finish()
    guard !interpreters.isEmpty else { throw section.error("interpreters", "missing") }
  }
}

extension LanguageProfile.Step {
  fileprivate init(_ section: ConfigurationSection) throws(ConfigurationError) {
    var section = section
    arguments = try section.optionalStrings("argv") ?? []
    wall = try section.optionalDuration("timeout")
    memoryBytes = try section.optionalInt("memory_mb", in: 16...1 << 20).map { $0 << 20 }
    processes = try section.optionalInt("processes", in: 1...4096)
    try section.finish()
    guard !arguments.isEmpty else { throw section.error("argv", "missing") }
  }
}

extension ConfigurationSection {
  /// Limits under a key of this mapping: `{timeout: 5s, cpu: 5s, memory_mb: 256, output_kb: 64, work_mb: 64, …}`.
  /// What is absent stays as it is in `defaults`.
  public mutating func executionLimits(
    _ key: String, defaults: ExecutionLimits = ExecutionLimits()
  ) throws(ConfigurationError) -> ExecutionLimits {
    var limits = defaults
    guard var section = try optionalSection(key) else { return limits }
    limits.wall = try section.optionalDuration("timeout") ?? limits.wall
    limits.cpu = try section.optionalDuration("cpu") ?? limits.cpu
    func size(_ key: String, _ unit: Int, _ value: inout Int) throws(ConfigurationError) {
      if let count = try section.optionalInt(key, in: 0...1 << 20) { value = count * unit }
    }
    try size("memory_mb", 1 << 20, &limits.memoryBytes)
    try size("output_kb", 1 << 10, &limits.outputBytes)
    try size("work_mb", 1 << 20, &limits.workBytes)
    try size("work_files", 1, &limits.workFiles)
    try size("processes", 1, &limits.processes)
    try size("open_files", 1, &limits.openFiles)
    try size("collected_kb", 1 << 10, &limits.collectedBytes)
    try size("program_kb", 1 << 10, &limits.programBytes)
    try size("input_kb", 1 << 10, &limits.inputBytes)
    try section.finish()
    if let problem = limits.problem { throw error(key, problem) }
    return limits
  }
}
