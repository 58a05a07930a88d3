import AgentCore

/// The calculator as a tool: `{"expression": "2+2"}` → `4`.
public struct CalculatorTool: Tool {
  private let calculator: Calculator
  public let schema: ToolSchema

  public init(limits: CalculatorLimits = CalculatorLimits()) {
    calculator = Calculator(limits: limits)
    schema = ToolSchema(
      name: "calculator",
      description: "Computes an arithmetic expression exactly. Operators: + - * / % ^ and parentheses.",
      parameters: [
        "type": "object",
        "properties": [
          "expression": ["type": "string", "description": "The expression, for example (12+7)*3/4"]
        ],
        "required": ["expression"],
        "additionalProperties": false,
      ])
  }

  /// `CalculatorLimits` bound the time of any expression.
  public var isImmediate: Bool { true }

  public func call(_ arguments: JSONObject, context: ToolContext) -> ToolOutput {
    guard let expression = arguments["expression"]?.stringValue else { return .error("`expression` is missing") }
    do {
      return .ok(try calculator.result(of: expression))
    } catch {
      return .error(error.description)
    }
  }
}
