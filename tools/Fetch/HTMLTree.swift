import CLibXML2

/// The tree that libxml2 makes of a page.
final class HTMLTree {
  private static let isLibraryReady: Bool = {
    xmlInitParser()
    return true
  }()

  private let document: htmlDocPtr
  /// libxml2 stops where elements are nested more than 256 deep.
  let isCut: Bool
  private(set) var title: String?
  /// What `<base href>` says.
  private(set) var base: String?
  /// Tables that hold tables: they arrange the page and are no tables to a reader.
  private(set) var layoutTables: Set<HTMLNode> = []

  /// Nil only if the text is empty or memory is short.
  init?(_ html: String) {
    // The parser stops at a NUL.
    var text = html.utf8.contains(0) ? html.replacing("\0", with: "\u{fffd}") : html
    let options = Int32(
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue)
    guard Self.isLibraryReady, let parser = htmlNewParserCtxt() else { return nil }
    defer { htmlFreeParserCtxt(parser) }
    let document = text.withUTF8 { bytes -> htmlDocPtr? in
      guard let start = bytes.baseAddress, let count = Int32(exactly: bytes.count) else { return nil }
      return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
        htmlCtxtReadMemory(parser, $0, count, nil, "UTF-8", options)
      }
    }
    guard let document else { return nil }
    self.document = document
    isCut = parser.pointee.disableSAX != 0
    survey()
  }

  deinit { xmlFreeDoc(document) }

  /// Goes through the tree in the order of the page. `enter` says whether to go on with what is inside; `leave` follows
  /// for every element that was entered, whatever it said.
  func walk(enter: (HTMLNode) -> Bool, leave: (HTMLNode) -> Void) {
    guard let root = xmlDocGetRootElement(document) else { return }
    var node = root
    while true {
      if enter(HTMLNode(pointer: node)), let child = node.pointee.children {
        node = child
        continue
      }
      leave(HTMLNode(pointer: node))
      while node.pointee.next == nil || node == root {
        guard node != root, let parent = node.pointee.parent else { return }
        node = parent
        leave(HTMLNode(pointer: node))
      }
      guard let next = node.pointee.next else { return }
      node = next
    }
  }

  private func survey() {
    var open: [HTMLNode] = []
    walk(
      enter: { node in
        switch node.name {
        case "title"? where title == nil: title = node.words
        case "base"? where base == nil: base = node.attribute("href")
        case "table"?:
          // Those further out were marked when the one before was met.
          if let outer = open.last { layoutTables.insert(outer) }
          open.append(node)
        case "svg"?: return false
        case nil: return false
        default: break
        }
        return true
      },
      leave: { if $0.name == "table" { open.removeLast() } })
  }
}

/// One node; lives as long as its tree.
struct HTMLNode: Hashable {
  fileprivate let pointer: UnsafeMutablePointer<xmlNode>

  /// Of an element, in lower case; nil for text and the rest.
  var name: String? {
    guard pointer.pointee.type == XML_ELEMENT_NODE, let name = pointer.pointee.name else { return nil }
    return String(decodingCString: name, as: UTF8.self).lowercased()
  }

  /// Hands over the bytes of a text node.
  func withText(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard [XML_TEXT_NODE, XML_CDATA_SECTION_NODE].contains(pointer.pointee.type), let text = pointer.pointee.content
    else { return }
    body(UnsafeBufferPointer(start: text, count: Int(xmlStrlen(text))))
  }

  func attribute(_ name: String) -> String? {
    guard let value = xmlGetNoNsProp(pointer, name) else { return nil }
    defer { axml_free(value) }
    return String(decodingCString: value, as: UTF8.self)
  }

  /// Not shown to a reader, as far as the element itself says.
  var isHidden: Bool {
    guard pointer.pointee.properties != nil else { return false }
    if xmlHasProp(pointer, "hidden") != nil { return true }
    guard let style = attribute("style")?.lowercased().filter({ !$0.isWhitespace }) else { return false }
    return style.contains("display:none") || style.contains("visibility:hidden")
  }

  /// The text below, in one line; nil if there is none.
  var words: String? {
    guard let text = xmlNodeGetContent(pointer) else { return nil }
    defer { axml_free(text) }
    let words = String(decodingCString: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The table that a table, row or cell is part of; nil for one that stands alone.
  var table: HTMLNode? {
    var node: UnsafeMutablePointer<xmlNode>? = pointer
    // A cell is in a row, in a body, in a table: what is further away is not its own.
    for _ in 0..<4 {
      guard let current = node else { return nil }
      let found = HTMLNode(pointer: current)
      if found.name == "table" { return found }
      node = current.pointee.parent
    }
    return nil
  }

  /// How many cells a row has, if it is the first of its table and all of them are headers; else 0.
  var headerCells: Int {
    guard let table else { return 0 }
    let parent = pointer.pointee.parent.map { HTMLNode(pointer: $0) }
    guard parent == table || parent?.name == "thead" || parent?.isFirstElement == true, isFirstElement else { return 0 }
    let cells = children.compactMap(\.name)
    return cells.allSatisfy { $0 == "th" } ? cells.count : 0
  }

  private var isFirstElement: Bool {
    var earlier = pointer.pointee.prev
    while let node = earlier {
      guard HTMLNode(pointer: node).name == nil else { return false }
      earlier = node.pointee.prev
    }
    return true
  }

  private var children: [HTMLNode] {
    var all: [HTMLNode] = []
    var next = pointer.pointee.children
    while let node = next {
      all.append(HTMLNode(pointer: node))
      next = node.pointee.next
    }
    return all
  }
}
