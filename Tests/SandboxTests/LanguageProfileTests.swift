import Configuration
import Foundation
import Testing

@testable import Sandbox

@Suite struct LanguageProfileTests {
  private static func profile(_ text: String) throws -> LanguageProfile {
    try LanguageProfile(ConfigurationDocument(text: text, source: "test.yaml"))
  }

  @Test("the built-in languages can be read and their names are all different")
  func builtin() {
    let names = LanguageCatalog.builtin.profiles.map(\.name)
    #expect(names == ["bash", "c", "cpp", "javascript", "perl", "python", "python-numeric", "rust"])
    for profile in LanguageCatalog.builtin.profiles { #expect(profile.limits.problem == nil) }
  }

  @Test("a profile with everything in it")
  func whole() throws {
    let profile = try Self.profile(
      """
      name: c99
      aliases: [iso-c]
      description: C99.
      file: prog.c
      commands: {gcc: gcc}
      queries: {root: {argv: [gcc, -print-sysroot], package: gcc}}
      compile: {argv: ["{gcc}", -o, "{output}", "{file}"], timeout: 20s, memory_mb: 512, processes: 8}
      run: {argv: ["{output}", "{x y}"]}
      session: {argv: ["{output}"]}
      read_only: [/opt/c]
      environment: {A: b}
      system_calls: [mlock]
      limits: {timeout: 2s, memory_mb: 64, output_kb: 8, processes: 4}
      """)
    #expect(profile.compile?.wall == .seconds(20))
    #expect(profile.compile?.memoryBytes == 512 << 20)
    #expect(profile.commands == [LanguageProfile.Command(name: "gcc", package: "gcc")])
    #expect(profile.limits.wall == .seconds(2))
    #expect(profile.limits.outputBytes == 8 << 10)
    #expect(profile.environment == ["A=b"])
    guard case .directory = profile.session else {
      Issue.record("no session")
      return
    }
  }

  @Test(
    "a mistake in a profile says where it is and what was meant",
    arguments: [
      ("name: x\ndescription: d\nrunn: {argv: [a]}", "`run`"),
      ("name: x\ndescription: d", "either `run` or `zygote`"),
      ("name: X Y\ndescription: d\nrun: {argv: [a]}", "lower-case"),
      ("name: x\ndescription: d\nrun: {argv: [\"{gc}\"]}\ncommands: {gcc: gcc}", "`{gc}` stands for nothing"),
      ("name: x\ndescription: d\nrun: {argv: []}", "run.argv"),
      ("name: x\ndescription: d\nrun: {argv: [a], timeuot: 1s}", "`timeout`"),
      ("name: x\ndescription: d\nfile: ../x\nrun: {argv: [a]}", "file name"),
      ("name: x\ndescription: d\nread_only: [etc]\nrun: {argv: [a]}", "absolute"),
      ("name: x\ndescription: d\nlimits: {memory_mb: 1}\nrun: {argv: [a]}", "memory"),
      ("name: x\ndescription: d\nzygote: {}", "zygote.interpreters"),
    ])
  func mistakes(text: String, hint: String) {
    do {
      _ = try Self.profile(text)
      Issue.record("accepted: \(text)")
    } catch {
      #expect("\(error)".contains(hint))
      #expect("\(error)".contains("test.yaml"))
    }
  }

  @Test("an alias that means another language already is refused; a language of the same name is replaced")
  func names() throws {
    var catalog = LanguageCatalog.builtin
    let other = try Self.profile("name: mine\naliases: [py]\ndescription: d\nrun: {argv: [a]}")
    #expect(throws: ConfigurationError.self) { try catalog.add(other) }
    let bash = try Self.profile("name: bash\ndescription: mine\nrun: {argv: [a]}")
    try catalog.add(bash)
    #expect(try catalog.profile("bash").description == "mine")
    #expect(throws: SandboxError.self) { try catalog.profile("shell") }
    do {
      _ = try catalog.profile("pyton")
    } catch {
      #expect(error.description.contains("did you mean `python`?"))
    }
  }

  @Test("languages are read from a folder")
  func folder() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-languages-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("name: awk\ndescription: d\nrun: {argv: [a]}".utf8).write(to: folder.appendingPathComponent("awk.yaml"))
    try Data("not a language".utf8).write(to: folder.appendingPathComponent("README"))
    var catalog = LanguageCatalog()
    try catalog.load(folder.path)
    #expect(catalog.profiles.map(\.name) == ["awk"])
    #expect(throws: ConfigurationError.self) { try catalog.load(folder.path + "/none.yaml") }
  }

  @Test("a missing command names its package")
  func missing() throws {
    let profile = try Self.profile(
      "name: x\ndescription: d\ncommands: {no-such-cc: some-package}\nrun: {argv: [\"{no-such-cc}\"]}")
    #expect(
      throws: SandboxError.missingToolchain(language: "x", reason: "no-such-cc: apt-get install some-package")
    ) { try Toolchain().resolve(profile) }
  }

  @Test("a missing module of an interpreter names its package", .enabled(if: Machine.has("python3")))
  func missingModule() throws {
    let profile = try Self.profile(
      "name: x\ndescription: d\nzygote: {interpreters: [python3], required: {no_such_module: python3-none}}")
    do {
      _ = try Toolchain().resolve(profile)
      Issue.record("found")
    } catch {
      #expect(error.description.contains("no_such_module: apt-get install python3-none"))
    }
  }

  @Test("an interpreter behind a link or a shim is found itself", .enabled(if: Machine.has("python3")))
  func interpreter() throws {
    let language = try Toolchain().resolve(LanguageCatalog.builtin.profile("python"))
    let program = try #require(language.zygote.first)
    #expect(program == URL(fileURLWithPath: program).resolvingSymlinksInPath().path)
    #expect(!program.contains("shims"))
  }
}
