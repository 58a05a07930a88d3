/// Finds the code in an answer.
enum CodeBlock {
  /// The contents of the last fenced block of that language, else of the last one without a language, else of the last
  /// one; the whole text where nothing is fenced.
  static func code(in text: String, language: String) -> String {
    let blocks = blocks(in: text)
    let wanted = blocks.last { isSame($0.language, language) } ?? blocks.last { $0.language.isEmpty } ?? blocks.last
    return wanted?.code ?? text
  }

  /// A fence is a line that begins with three or more backticks or tildes; the block ends with a line of as many of the
  /// same and nothing else, or with the text.
  private static func blocks(in text: String) -> [(language: String, code: String)] {
    var blocks: [(language: String, code: String)] = []
    var open: (fence: Substring, language: String, lines: [Substring])?
    // A line that ends in CR LF ends in one character.
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
      let bare = line.drop { $0 == " " }
      let fence = fence(of: bare)
      if let block = open {
        let isEnd = fence.map { $0.first == block.fence.first && $0.count >= block.fence.count } ?? false
        if isEnd, let fence, bare.dropFirst(fence.count).allSatisfy(\.isWhitespace) {
          blocks.append((block.language, block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open?.lines.append(line)
        }
      } else if let fence {
        let language = bare.dropFirst(fence.count).split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "{" }).first
        open = (fence, (language ?? "").lowercased(), [])
      }
    }
    if let open { blocks.append((open.language, open.lines.joined(separator: "\n"))) }
    return blocks
  }

  private static func fence(of line: Substring) -> Substring? {
    guard let mark = line.first, mark == "`" || mark == "~" else { return nil }
    let fence = line.prefix { $0 == mark }
    return fence.count >= 3 ? fence : nil
  }

  private static let aliases: [String: String] = [
    "py": "python", "python3": "python", "sh": "bash", "shell": "bash", "js": "javascript", "c++": "cpp",
  ]

  private static func isSame(_ first: String, _ second: String) -> Bool {
    (aliases[first] ?? first) == (aliases[second] ?? second)
  }
}
