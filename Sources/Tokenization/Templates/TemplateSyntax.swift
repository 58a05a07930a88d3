import AgentCore

/// An expression of a template.
indirect enum TemplateExpression: Sendable {
  case literal(JSONValue)
  case name(String)
  case list([TemplateExpression])
  case dictionary([(key: TemplateExpression, value: TemplateExpression)])
  case attribute(TemplateExpression, String)
  case element(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, start: TemplateExpression?, end: TemplateExpression?, step: TemplateExpression?)
  case call(TemplateExpression, TemplateArguments)
  case filter(TemplateExpression, String, TemplateArguments)
  case test(TemplateExpression, String, TemplateArguments)
  case negative(TemplateExpression)
  case not(TemplateExpression)
  case and(TemplateExpression, TemplateExpression)
  case or(TemplateExpression, TemplateExpression)
  case arithmetic(String, TemplateExpression, TemplateExpression)
  case comparison(TemplateExpression, [(symbol: String, operand: TemplateExpression)])
  case conditional(TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
}

/// Arguments of a call, a filter or a test, not yet evaluated.
struct TemplateArguments: Sendable {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
}

/// A statement or a piece of output.
indirect enum TemplateNode: Sendable {
  case text(String)
  case output(TemplateExpression, line: Int)
  case branches([(condition: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode], line: Int)
  case loop(TemplateLoop)
  /// `{% set a, b = … %}`: one or more names, or `namespace.attribute`.
  case assignment(TemplateTarget, TemplateExpression, line: Int)
  case capture(TemplateTarget, [TemplateNode], line: Int)
  case macro(TemplateMacro)
  case breakLoop, continueLoop
}

enum TemplateTarget: Sendable {
  case names([String])
  case attribute(of: String, String)
}

struct TemplateLoop: Sendable {
  var names: [String]
  var items: TemplateExpression
  var condition: TemplateExpression?
  var body: [TemplateNode]
  var otherwise: [TemplateNode]
  var line: Int
}

struct TemplateMacro: Sendable {
  var name: String
  var parameters: [(name: String, fallback: TemplateExpression?)]
  var body: [TemplateNode]
}
