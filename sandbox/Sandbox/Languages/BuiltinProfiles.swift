/// The texts that are compiled in: `sandbox/profiles/*.yaml`, and the program that a Python zygote runs.
enum BuiltinProfiles {
  static let texts: [(name: String, text: String)] = [
    ("bash", text(PackageResources.bash_yaml)), ("c", text(PackageResources.c_yaml)),
    ("cpp", text(PackageResources.cpp_yaml)), ("javascript", text(PackageResources.javascript_yaml)),
    ("perl", text(PackageResources.perl_yaml)), ("python", text(PackageResources.python_yaml)),
    ("python-numeric", text(PackageResources.python_numeric_yaml)), ("rust", text(PackageResources.rust_yaml)),
  ]

  static let zygote = text(PackageResources.zygote_py)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
