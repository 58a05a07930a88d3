import AgentCore

/// What a Python interpreter says of itself.
struct PythonFacts: Sendable {
  /// The interpreter itself, behind links and shims.
  let executable: String
  /// Where it, its library and its packages lie.
  let folders: [String]
  /// Where third-party packages are imported from.
  let sitePackages: [String]
  /// Those of the modules to import ahead that it has.
  let modules: [String]

  /// Prints one JSON object. Isolated mode: neither environment nor current folder may change what it says. Required
  /// modules are imported, not just looked up: a broken package is a missing one.
  private static let question = """
    import importlib, importlib.util, json, os, site, sys, sysconfig
    required, preloaded = json.loads(sys.argv[1])
    paths = sysconfig.get_paths()
    packages = [p for p in site.getsitepackages() if os.path.isdir(p)]
    for name in required:
        importlib.import_module(name)
    modules = [name for name in preloaded if importlib.util.find_spec(name)]
    executable = os.path.realpath(sys.executable)
    folders = [executable, paths["stdlib"], paths["platstdlib"], sys.prefix, sys.base_prefix, sys.exec_prefix]
    print(json.dumps({"executable": executable, "folders": folders, "packages": packages, "modules": modules}))
    """

  /// Asks the interpreter. Blocks. nil if it does not answer, or lacks a required module.
  init?(asking path: String, about zygote: LanguageProfile.Zygote, environment: [String]) {
    let names: JSONValue = [
      .array(zygote.required.map { .string($0.name) }), .array(zygote.modules.map { .string($0) }),
    ]
    let output = CommandOutput.captureBlocking(
      [path, "-I", "-c", Self.question, names.serialized()],
      environment: environment + ["OPENBLAS_NUM_THREADS=1"], timeout: .seconds(60))
    guard let output, let json = try? JSONValue(parsing: output.stdout),
      let executable = json["executable"]?.stringValue
    else { return nil }
    func texts(_ key: String) -> [String] { json[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    self.executable = executable
    sitePackages = zygote.sitePackages ? texts("packages") : []
    modules = texts("modules") + zygote.required.map(\.name)
    folders = Self.outermost(texts("folders") + sitePackages)
  }

  /// Each folder once, without those inside another one, and without what every slot has.
  private static func outermost(_ folders: [String]) -> [String] {
    let sorted = Set(folders).sorted()
    return sorted.filter { folder in
      folder != "/usr" && !folder.hasPrefix("/usr/")
        && !sorted.contains { other in other != folder && folder.hasPrefix(other + "/") }
    }
  }

  /// Starts it as a zygote: without `site` and the user's own packages. Isolated mode (`-I`) would ignore the hash seed,
  /// and runs of one program would print sets in different orders; the environment is ours anyway.
  var commandLine: [String] {
    let settings: JSONValue = [
      "paths": .array(sitePackages.map { .string($0) }),
      "modules": .array(modules.map { .string($0) }),
    ]
    return [executable, "-s", "-S", "-c", BuiltinProfiles.zygote, settings.serialized()]
  }
}
