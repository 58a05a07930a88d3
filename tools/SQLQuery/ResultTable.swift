/// The rows of a query as the policy reads them, within limits:
///
/// ```
/// name | population
/// Paris | 2102650
/// … 12 more rows
/// ```
///
/// A cell is one line: `|`, line ends, tabs and backslashes are escaped; a long one is cut; bytes are written `x'00ff'`.
struct ResultTable: Sendable {
  let maxRows: Int
  let maxCharacters: Int
  private(set) var lines: [String] = []
  private(set) var rows = 0
  /// Rows that were not shown.
  private(set) var furtherRows = 0
  /// Whether there may be more than were counted.
  var isCountCut = false
  private var characters = 0
  private var isFull = false

  /// Unicode scalars of one cell.
  static let maxCell = 500
  /// Rows that are counted beyond those shown.
  static let maxCounted = 10_000

  init(maxRows: Int, maxCharacters: Int) {
    self.maxRows = maxRows
    self.maxCharacters = maxCharacters
  }

  mutating func begin(columns: [String]) {
    append(columns.map { Self.cell($0) }.joined(separator: " | "))
  }

  /// Whether the next row will be shown.
  var hasRoom: Bool { !isFull && rows < maxRows }

  /// Whether more rows need not even be counted.
  var isSated: Bool { furtherRows >= Self.maxCounted }

  /// Shows a row, or counts it if it does not fit.
  mutating func add(_ cells: [String]) {
    let line = cells.joined(separator: " | ")
    guard hasRoom, rows == 0 || characters + line.unicodeScalars.count < maxCharacters else {
      isFull = true
      furtherRows += 1
      return
    }
    rows += 1
    append(line)
  }

  mutating func countRow() { furtherRows += 1 }

  var text: String {
    if rows == 0 { return (lines + ["(no rows)"]).joined(separator: "\n") }
    guard furtherRows > 0 else { return lines.joined(separator: "\n") }
    let count = isCountCut || isSated ? "more than \(furtherRows)" : "\(furtherRows)"
    return (lines + ["… \(count) more row\(furtherRows == 1 && !isCountCut ? "" : "s")"]).joined(separator: "\n")
  }

  private mutating func append(_ line: String) {
    let scalars = line.unicodeScalars
    // One row alone may be too long: of a very wide table.
    let isCut = scalars.count > maxCharacters
    lines.append(isCut ? String(String.UnicodeScalarView(scalars.prefix(maxCharacters))) + "…" : line)
    characters += min(scalars.count, maxCharacters) + 1
  }

  // MARK: Cells

  static func cell(_ text: String) -> String {
    var cell = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < maxCell else {
        cell.append("…")
        break
      }
      count += 1
      switch scalar {
      case "\n": cell.append(contentsOf: "\\n".unicodeScalars)
      case "\r": cell.append(contentsOf: "\\r".unicodeScalars)
      case "\t": cell.append(contentsOf: "\\t".unicodeScalars)
      case "\\": cell.append(contentsOf: "\\\\".unicodeScalars)
      case "|": cell.append(contentsOf: "\\|".unicodeScalars)
      case "\0": cell.append(contentsOf: "\\0".unicodeScalars)
      default: cell.append(scalar)
      }
    }
    return String(cell)
  }

  /// Bytes in SQLite's own notation, the first 32 of many.
  static func cell(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let shown = String(
      decoding: bytes.prefix(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    return bytes.count > 32 ? "x'\(shown)…' (\(bytes.count) bytes)" : "x'\(shown)'"
  }
}
