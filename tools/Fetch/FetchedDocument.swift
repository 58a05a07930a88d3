import Foundation
import WebTransfer

/// A response's body as text.
struct FetchedDocument: Sendable {
  var url: String
  var title: String?
  var text: String

  /// Reads HTML into text and takes anything else as it is. On a thread of its own: a page of megabytes takes a while.
  static func read(_ response: WebResponse) async -> FetchedDocument {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: FetchedDocument(response)) }
    }
  }

  init(_ response: WebResponse) {
    url = response.url
    let isHTML = ["text/html", "application/xhtml+xml"].contains(response.mediaType)
    let decoded = CharacterEncoding.decode(
      response.body, declared: response.contentTypeParameter("charset"), isHTML: isHTML)
    guard isHTML else {
      text = decoded
      return
    }
    let page = HTMLText.read(decoded, url: response.url)
    title = page.title
    text = page.text
  }

  /// One page of the text, from a character (Unicode scalar) on, with a head that says what it is a part of.
  func page(start: Int, count: Int) -> ToolOutput {
    let scalars = text.unicodeScalars
    let total = scalars.count
    guard start == 0 || start < total else {
      return .error("start \(start) is past the end: the text has \(total) characters")
    }
    let from = scalars.index(scalars.startIndex, offsetBy: start)
    let to = Self.end(of: scalars[from...], count: count)
    let end = start + scalars.distance(from: from, to: to)
    var head = "URL: \(url)\n"
    if let title { head += "Title: \(title)\n" }
    if start > 0 || end < total {
      head += "Characters \(start) to \(end) of \(total)"
      head += end < total ? "; for what follows, call again with start \(end)\n" : ", the end\n"
    }
    return .ok(head + "\n" + (total == 0 ? "(no text)" : String(scalars[from..<to])))
  }

  /// After `count` characters, or a little earlier where a line or a word ends.
  private static func end(of rest: Substring.UnicodeScalarView, count: Int) -> String.Index {
    guard let end = rest.index(rest.startIndex, offsetBy: count, limitedBy: rest.endIndex), end < rest.endIndex else {
      return rest.endIndex
    }
    let tail = rest[rest.index(rest.startIndex, offsetBy: count - count / 10)..<end]
    guard let space = tail.lastIndex(of: "\n") ?? tail.lastIndex(of: " ") else { return end }
    return rest.index(after: space)
  }
}
