/// Command lines with names in braces, e.g. `{file}`.
enum Template {
  /// The arguments with every known name in braces replaced.
  static func filled(_ arguments: [String], _ values: [String: String]) -> [String] {
    arguments.map { argument in
      values.reduce(argument) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
  }

  /// The first name in braces that stands for nothing. Braces around anything but a name are left alone.
  static func unknownName(in arguments: [String], known: Set<String>) -> String? {
    for argument in arguments {
      for start in argument.indices where argument[start] == "{" {
        let name = argument[argument.index(after: start)...].prefix {
          $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-"
        }
        if !name.isEmpty, name.endIndex < argument.endIndex, argument[name.endIndex] == "}",
          !known.contains(String(name))
        {
          return String(name)
        }
      }
    }
    return nil
  }
}
