import AgentCore
import Foundation
import Yams

/// A parsed YAML file with the places of its keys.
public struct ConfigurationDocument {
  /// The file's name, for messages.
  public let source: String
  private var root: Node

  /// Reads a file.
  /// - Throws: `ConfigurationError` if it cannot be read, is no UTF-8 or no YAML mapping.
  public init(file path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError(source: path, reason: "cannot be read: check that the file exists and is readable")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ConfigurationError(source: path, reason: "is not UTF-8 text")
    }
    try self.init(text: text, source: path)
  }

  /// Parses YAML text; an empty text is an empty mapping.
  public init(text: String, source: String) throws {
    self.source = source
    do {
      root = try Yams.compose(yaml: text) ?? Node.mapping(Node.Mapping([]))
    } catch let error as YamlError {
      throw Self.describe(error, source: source)
    }
    guard case .mapping = root else {
      throw ConfigurationError(
        source: source, line: root.mark?.line, column: root.mark?.column, reason: "expected `key: value` lines")
    }
  }

  /// The top level, ready to be read key by key.
  public var section: ConfigurationSection { ConfigurationSection(node: root, path: "", source: source) }

  /// Replaces or adds one value, as `--set rollout.group_size=16` asks. The value is read as YAML.
  public mutating func set(_ assignment: String) throws {
    guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
      throw ConfigurationError(source: "--set \(assignment)", reason: "expected key=value")
    }
    let keys = assignment[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let text = String(assignment[assignment.index(after: equals)...])
    let value: Node
    do {
      value = try Yams.compose(yaml: text) ?? Node("", Tag(.null))
    } catch let error as YamlError {
      throw Self.describe(error, source: "--set \(assignment)")
    }
    root = try Self.replacing(root, keys[...], with: value, assignment: assignment)
  }

  private static func replacing(
    _ node: Node, _ keys: ArraySlice<String>, with value: Node, assignment: String
  ) throws -> Node {
    guard let key = keys.first else { return value }
    guard case .mapping(var mapping) = node else {
      throw ConfigurationError(source: "--set \(assignment)", reason: "`\(key)` lies inside a value that has no keys")
    }
    let child = mapping[Node(key)] ?? Node.mapping(Node.Mapping([]))
    mapping[Node(key)] = try replacing(child, keys.dropFirst(), with: value, assignment: assignment)
    return .mapping(mapping)
  }

  private static func describe(_ error: YamlError, source: String) -> ConfigurationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ConfigurationError(source: source, line: mark.line, column: mark.column, reason: problem)
    default:
      ConfigurationError(source: source, reason: "\(error)".replacing("\n", with: " "))
    }
  }
}
