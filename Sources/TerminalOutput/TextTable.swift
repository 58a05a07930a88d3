/// A table for people to read on a terminal: aligned columns under a rule, no boxes.
///
///     TextTable([.left("run"), .right("success"), .right("95%")])
public struct TextTable: Sendable {
  /// A column's heading, and the side that its cells keep to.
  public enum Column: Sendable {
    case left(String)
    case right(String)

    fileprivate var heading: String {
      switch self {
      case .left(let heading), .right(let heading): heading
      }
    }

    fileprivate func padded(_ text: String, to width: Int) -> String {
      let space = String(repeating: " ", count: max(0, width - TerminalText.width(text)))
      return switch self {
      case .left: text + space
      case .right: space + text
      }
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row. Cells are shown on one line, without control characters.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells.map(TerminalText.onOneLine))
  }

  /// The table, one line a row, without a line feed at its end.
  /// - Parameters:
  ///   - maximumWidth: columns of the terminal; the widest left-aligned column is cut to fit. nil: as wide as it is.
  ///   - usesColour: dims the heading and the rule.
  public func rendered(maximumWidth: Int? = nil, usesColour: Bool = false) -> String {
    let widths = fittingWidths(maximumWidth)
    func line(_ cells: [String]) -> String {
      let padded = columns.indices.map { index in
        columns[index].padded(TerminalText.truncated(cells[index], to: widths[index]), to: widths[index])
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let head = [line(columns.map(\.heading)), widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")]
    return (head.map { usesColour ? Terminal.Style.dim.applied(to: $0) : $0 } + rows.map(line)).joined(separator: "\n")
  }

  /// The table as a terminal shows it best.
  public func rendered(for terminal: Terminal) -> String {
    rendered(maximumWidth: terminal.columns, usesColour: terminal.usesColour)
  }

  private func fittingWidths(_ maximum: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      (rows.map { $0[index] } + [columns[index].heading]).map(TerminalText.width).max() ?? 0
    }
    let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - (maximum ?? .max)
    let flexible = columns.indices.filter { if case .left = columns[$0] { true } else { false } }
    if excess > 0, let widest = flexible.max(by: { widths[$0] < widths[$1] }) {
      widths[widest] = max(8, widths[widest] - excess)
    }
    return widths
  }
}
