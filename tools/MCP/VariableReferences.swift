import ModelContextProtocol

extension MCPServerAddress {
  /// The address with `${NAME}` in values of the environment and of headers replaced by our variable of that name, so
  /// that keys need not stand in a manifest.
  ///
  /// - Throws: `MCPToolError.missingVariable`.
  func resolved(_ variables: [String: String]) throws(MCPToolError) -> MCPServerAddress {
    func replaced(_ values: [String: String]) throws(MCPToolError) -> [String: String] {
      var result: [String: String] = [:]
      for (name, value) in values { result[name] = try replacing(value, variables) }
      return result
    }
    switch self {
    case .process(let command, let environment, let folder):
      return .process(command: command, environment: try replaced(environment), folder: folder)
    case .http(let url, let headers): return .http(url: url, headers: try replaced(headers))
    }
  }

  private func replacing(_ text: String, _ variables: [String: String]) throws(MCPToolError) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
      let name = String(rest[start.upperBound..<end])
      guard let value = variables[name] else { throw .missingVariable(name, server: label) }
      result += rest[..<start.lowerBound] + value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
