import AgentCore
import Yams

extension JSONValue {
  /// The value as block-style YAML, keys in their order.
  public func yaml() throws -> String {
    try Yams.serialize(node: node, width: -1, allowUnicode: true)
  }

  private var node: Node {
    switch self {
    case .null: Node("null", Tag(.null))
    case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
    case .int(let value): Node(value.description, Tag(.int))
    case .double(let value): Node(value.description, Tag(.float))
    case .string(let value): Node(value, Tag(.str), Self.readsAsText(value) ? .any : .doubleQuoted)
    case .array(let elements): .sequence(Node.Sequence(elements.map(\.node), Tag(.seq), .block))
    case .object(let fields):
      .mapping(Node.Mapping(fields.map { (Node($0.key), $0.value.node) }, Tag(.map), .block))
    }
  }

  /// Whether YAML would read the bare text back as a text (and not as a number, a truth value or null).
  private static func readsAsText(_ text: String) -> Bool {
    let bare = Node(text)
    let isNull = ["", "~", "null", "Null", "NULL"].contains(text)
    return !isNull && bare.bool == nil && bare.int == nil && bare.float == nil
  }
}
