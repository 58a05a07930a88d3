import AgentCore

/// Tool schemas as compact text for models whose template does not show them:
///
///     Tools:
///     calculator(expression: string): Evaluates an arithmetic expression.
///     To call a tool, write <tool_call>{"name":"NAME","arguments":{"ARGUMENT":"VALUE"}}</tool_call>
///
/// Optional parameters have a question mark. A parameter whose schema is more than a type is shown as that schema.
public enum ToolDescription {
  public static func text(of tools: [ToolSchema], format: ToolCallParser) -> String {
    (["Tools:"] + tools.map(line) + [format.instruction]).joined(separator: "\n")
  }

  private static func line(of tool: ToolSchema) -> String {
    let required = Set((tool.parameters["required"]?.arrayValue ?? []).compactMap(\.stringValue))
    let parameters = (tool.parameters["properties"]?.objectValue ?? [:]).map { name, schema in
      "\(name)\(required.contains(name) ? "" : "?"): \(type(of: schema))"
    }
    return "\(tool.name)(\(parameters.joined(separator: ", "))): \(tool.description)"
  }

  private static func type(of schema: JSONValue) -> String {
    guard let fields = schema.objectValue else { return schema.serialized() }
    let description = fields["description"]?.stringValue.map { " (\($0))" } ?? ""
    if let choices = fields["enum"]?.arrayValue {
      return choices.map { $0.serialized() }.joined(separator: "|") + description
    }
    let isPlain = fields.keys.allSatisfy { ["type", "description", "title"].contains($0) }
    guard isPlain, let type = fields["type"]?.stringValue else { return schema.serialized() }
    return type + description
  }
}
