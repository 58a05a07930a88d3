import CLibXML2
import WebTransfer

/// An HTML page as text: what a reader sees, with headings, lists, links, tables and code as Markdown has them.
///
/// libxml2 parses, which never fails on any input; this walks its tree, without recursion.
struct HTMLText {
  struct Page: Equatable {
    var title: String?
    var text: String
  }

  static func read(_ html: String, url: String) -> Page {
    guard let tree = HTMLTree(html) else { return Page(title: nil, text: "") }
    var reader = HTMLText(tree, url: url)
    tree.walk(enter: { reader.enter($0) }, leave: { reader.leave($0) })
    var text = String(decoding: reader.layout.bytes, as: UTF8.self)
    if tree.isCut { text += "\n\n(The page is nested too deeply to be read to its end.)" }
    return Page(title: tree.title, text: text)
  }

  private struct List {
    var next: Int?
  }

  private let base: WebAddress?
  private let layoutTables: Set<HTMLNode>
  private var layout = TextLayout()
  private var lists: [List] = []
  /// Of the links that are open; nil for one that leads nowhere.
  private var links: [String?] = []
  private var indented: [HTMLNode] = []
  private var preformattedDepth = 0
  private var preformattedBegins = false
  private static let maxLinkLength = 1000

  private init(_ tree: HTMLTree, url: String) {
    let page = try? WebAddress(url)
    base = tree.base.flatMap { base in page.flatMap { try? WebAddress(base, relativeTo: $0) } } ?? page
    layoutTables = tree.layoutTables
  }

  // MARK: - Elements

  /// Whether to go on with what is inside.
  private mutating func enter(_ node: HTMLNode) -> Bool {
    guard let name = node.name else {
      node.withText { text in
        guard preformattedDepth > 0, layout.inlineDepth == 0 else { return layout.words(text) }
        // A line break right after `<pre>` is none of its text.
        let skipped = preformattedBegins && text.first == UInt8(ascii: "\n") ? 1 : 0
        layout.verbatim(text.dropFirst(skipped))
        preformattedBegins = false
      }
      return false
    }
    guard !Self.unseen.contains(name), !node.isHidden else { return false }
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6": beginHeading(Int(name.dropFirst()) ?? 1, node)
    case "p", "figure", "dl", "address", "details", "fieldset", "form": layout.breakParagraph()
    case "ul", "ol", "menu": beginList(node, isOrdered: name == "ol")
    case "li": beginItem(node)
    case "dd": indent(node, first: "  ", rest: "  ")
    case "blockquote":
      layout.breakParagraph()
      indent(node, first: "> ", rest: "> ")
    case "pre", "xmp", "listing": beginPreformatted()
    case "table", "tr", "td", "th": beginTablePart(node, name)
    case "a": beginLink(node)
    case "br":
      if preformattedDepth > 0 { layout.verbatimBreak() } else { layout.breakLine() }
    case "hr":
      layout.breakParagraph()
      layout.mark("---")
      layout.breakParagraph()
    case "img":
      if let text = node.attribute("alt"), !text.isEmpty {
        layout.mark("[image: ")
        layout.words(text.utf8)
        layout.mark("]")
      }
    case "code", "kbd", "samp": if preformattedDepth == 0 { layout.open("`") }
    case "sup": layout.open("^")
    case "option": layout.breakLine()
    default: if Self.blocks.contains(name) { layout.breakLine() }
    }
    return true
  }

  private mutating func leave(_ node: HTMLNode) {
    guard let name = node.name, !Self.unseen.contains(name), !node.isHidden else { return }
    if indented.last == node {
      indented.removeLast()
      layout.endIndent()
    }
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6", "p", "figure", "dl", "address", "details", "fieldset", "form",
      "blockquote":
      layout.breakParagraph()
    case "ul", "ol", "menu": endList()
    case "pre", "xmp", "listing": endPreformatted()
    case "table", "tr", "td", "th": endTablePart(node, name)
    case "a": endLink()
    case "code", "kbd", "samp": if preformattedDepth == 0 { layout.close("`") }
    case "sup": layout.close("")
    case "li", "dd", "option": layout.breakLine()
    default: if Self.blocks.contains(name) { layout.breakLine() }
    }
  }

  private mutating func indent(_ node: HTMLNode, first: String, rest: String) {
    layout.breakLine()
    indented.append(node)
    layout.beginIndent(first: first, rest: rest)
  }

  private mutating func beginHeading(_ level: Int, _ node: HTMLNode) {
    layout.breakParagraph()
    guard layout.inlineDepth == 0 else { return }
    indent(node, first: String(repeating: "#", count: level) + " ", rest: "")
  }

  private mutating func beginPreformatted() {
    layout.breakParagraph()
    preformattedDepth += 1
    if preformattedDepth == 1, layout.inlineDepth == 0 {
      preformattedBegins = true
      layout.mark("```")
      layout.breakLine()
    }
  }

  private mutating func endPreformatted() {
    preformattedDepth -= 1
    if preformattedDepth == 0, layout.inlineDepth == 0 {
      layout.breakLine()
      layout.mark("```")
    }
    layout.breakParagraph()
  }

  // MARK: - Lists

  private mutating func beginList(_ node: HTMLNode, isOrdered: Bool) {
    if lists.isEmpty { layout.breakParagraph() } else { layout.breakLine() }
    lists.append(List(next: isOrdered ? node.attribute("start").flatMap { Int($0) } ?? 1 : nil))
  }

  private mutating func endList() {
    lists.removeLast()
    if lists.isEmpty { layout.breakParagraph() } else { layout.breakLine() }
  }

  private mutating func beginItem(_ node: HTMLNode) {
    var marker = "- "
    if let number = lists.last?.next {
      marker = "\(number). "
      lists[lists.count - 1].next = number &+ 1
    }
    indent(node, first: marker, rest: String(repeating: " ", count: marker.utf8.count))
  }

  // MARK: - Tables

  private mutating func beginTablePart(_ node: HTMLNode, _ name: String) {
    guard let table = node.table, !layoutTables.contains(table) else { return layout.breakLine() }
    switch name {
    case "table": layout.breakParagraph()
    case "tr":
      layout.breakLine()
      layout.mark("|")
      layout.inlineDepth += 1
    default: layout.words(" ".utf8)
    }
  }

  private mutating func endTablePart(_ node: HTMLNode, _ name: String) {
    guard let table = node.table, !layoutTables.contains(table) else { return layout.breakLine() }
    switch name {
    case "table": layout.breakParagraph()
    case "tr":
      layout.inlineDepth -= 1
      let cells = node.headerCells
      if cells > 0 {
        layout.breakLine()
        layout.mark("|" + String(repeating: " --- |", count: min(cells, 100)))
      }
      layout.breakLine()
    default:
      layout.words(" ".utf8)
      layout.mark("|")
    }
  }

  // MARK: - Links

  private mutating func beginLink(_ node: HTMLNode) {
    guard let reference = node.attribute("href"), preformattedDepth == 0, let target = target(of: reference) else {
      return links.append(nil)
    }
    layout.open("[")
    links.append(target)
  }

  private mutating func endLink() {
    if let target = links.popLast() ?? nil { layout.close("](\(target))") }
  }

  /// Absolute; nil for what leads nowhere from here, such as `#top` and `javascript:`.
  private func target(of reference: String) -> String? {
    let reference = reference.filter { !$0.isNewline && $0 != "\t" }.trimmingPrefix(while: \.isWhitespace)
    guard !reference.isEmpty, !reference.hasPrefix("#"), reference.utf8.count <= Self.maxLinkLength else { return nil }
    if reference.lowercased().hasPrefix("mailto:") { return String(reference) }
    guard let base, let address = try? WebAddress(String(reference), relativeTo: base) else { return nil }
    return address.text
  }

  // MARK: - Kinds of elements

  private static let unseen: Set = [
    "head", "title", "script", "style", "template", "svg", "iframe", "object", "embed", "canvas", "noembed",
    "noframes", "datalist", "audio", "video", "map",
  ]

  private static let blocks: Set = [
    "address", "article", "aside", "body", "caption", "center", "dialog", "dir", "div", "dt", "figcaption", "footer",
    "header", "hgroup", "html", "legend", "main", "nav", "optgroup", "search", "section", "select", "summary",
    "tbody", "tfoot", "thead", "textarea",
  ]
}
