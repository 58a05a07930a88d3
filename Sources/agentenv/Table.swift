/// Rows of text in columns.
struct Table {
  enum Alignment {
    case left, right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ columns: (title: String, alignment: Alignment)...) {
    self.columns = columns
  }

  mutating func add(_ cells: String...) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells.map { Terminal.harmless($0).replacing("\n", with: " ") })
  }

  /// The last column is cut where it would leave the terminal.
  func text(width: Int? = Terminal.width) -> String {
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        text += columns[column].alignment == .right ? padding + cell : cell + padding
        text += "  "
      }
      while text.last == " " { text.removeLast() }
      guard let width, text.count > width, width > 1 else { return text }
      return text.prefix(width - 1) + "…"
    }
    return ([Terminal.styled(line(columns.map(\.title)), .dim)] + rows.map(line)).joined(separator: "\n")
  }
}
