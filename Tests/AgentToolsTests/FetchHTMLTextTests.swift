import Testing

@testable import AgentTools

@Suite(.timeLimit(.minutes(2)))
struct FetchHTMLTextTests {
  private func text(_ html: String) -> String { HTMLText.read(html, url: "https://example.org/a/b").text }

  @Test("paragraphs, headings and breaks are set apart; white space in between is one space")
  func blocks() {
    #expect(
      text("<h1>A\n <b>B</b></h1><p>one  two\u{a0}three<br>four</p>five<div>six</div>seven<hr><h3>x</h3>")
        == "# A B\n\none two three\nfour\n\nfive\nsix\nseven\n\n---\n\n### x")
    #expect(text("a<i>b</i>c <i> d</i>") == "abc d")
    #expect(text("co\u{ad}operate") == "cooperate")
  }

  @Test("lists are marked, numbered and nested")
  func lists() {
    #expect(
      text("x<ul><li>one<li>two<ul><li>in<p>more</p></ul><li>three</ul>y")
        == "x\n\n- one\n- two\n  - in\n\n    more\n\n- three\n\ny")
    #expect(text("<ol start=9><li>a<li>b</ol>") == "9. a\n10. b")
    #expect(text("<ul><li></li><li> </li><li>a</li></ul>") == "- a")
    #expect(text("<dl><dt>term<dd>what it is</dl>") == "term\n  what it is")
  }

  @Test("quotations are marked on every line")
  func quotations() {
    #expect(text("<blockquote><p>a</p><p>b<br>c</p></blockquote>d") == "> a\n>\n> b\n> c\n\nd")
  }

  @Test("links are absolute, and those that lead nowhere are plain text")
  func links() {
    #expect(text("<a href='../x y?z#f'>t</a>") == "[t](https://example.org/x%20y?z)")
    #expect(
      text("<a href='//other.net'>t</a>, <a href='mailto:a@b'>m</a>") == "[t](https://other.net/), [m](mailto:a@b)")
    #expect(text("<a href='#top'>t</a><a href='javascript:x()'>u</a><a>v</a><a href='http://[bad'>w</a>") == "tuvw")
    #expect(text("a <a href='/x'></a> b") == "a b")
    #expect(text("<base href='https://b.net/c/'><a href=d>t</a>") == "[t](https://b.net/c/d)")
    #expect(text("see <a href=/x> this </a> there") == "see [this](https://example.org/x) there")
  }

  @Test("tables have a line per row; tables that only arrange a page are read as blocks")
  func tables() {
    #expect(
      text("<table><thead><tr><th>A<th>B</thead><tr><td>1<td><p>2</p><p>3</p></table>")
        == "| A | B |\n| --- | --- |\n| 1 | 2 3 |")
    #expect(text("<table><tr><td>1<td>2<tr><td><td>4</table>") == "| 1 | 2 |\n| | 4 |")
    #expect(
      text("<table><tr><td>left<td><table><tr><td>a<td>b</table></table>") == "left\n\n| a | b |")
  }

  @Test("code keeps its lines and spaces")
  func code() {
    #expect(
      text("<p>a</p><pre>\n  x = 1\n\n    y\n</pre>b <code>c</code>") == "a\n\n```\n  x = 1\n\n    y\n```\n\nb `c`")
    #expect(text("<pre><span>a</span>\n<b>b</b></pre>") == "```\na\nb\n```")
  }

  @Test("what a reader does not see is left out")
  func unseen() {
    #expect(
      text("<head><title>t</title><style>s</style></head>a<script>if (1 < 2) x('</p>')</script><!-- c -->b") == "ab")
    #expect(
      text("<p hidden>h</p><p style='DISPLAY : none'>h</p><template>h</template><svg><text>h</text></svg>a") == "a")
    #expect(text("<img src=x alt='a cat'><img src=y>") == "[image: a cat]")
  }

  @Test("title and characters")
  func titles() {
    #expect(HTMLText.read("<title> A &amp; &#233;\n B</title>", url: "x").title == "A & é B")
    #expect(HTMLText.read("<svg><title>no</title></svg>a", url: "x").title == nil)
    #expect(text("&lt;b&gt; &hellip; &nosuch; \u{1f600}") == "<b> … &nosuch; \u{1f600}")
    #expect(text("") == "" && text("plain") == "plain")
  }

  @Test(
    "depth does not break it", arguments: ["div", "ul><li", "blockquote", "table><tr><td", "a href=/x", "b", "pre"])
  func deep(tag: String) {
    let page = String(repeating: "<\(tag)>x", count: 20_000)
    let text = text(page)
    #expect(text.utf8.count { $0 == UInt8(ascii: "x") } >= 80)
    // An element that closes the one before it is not nested.
    let isCut = text.hasSuffix("(The page is nested too deeply to be read to its end.)")
    #expect(isCut == !tag.hasPrefix("a "))
  }

  @Test("any bytes are read, and tags in any disorder")
  func fuzz() {
    var generator = SystemRandomNumberGenerator()
    let pieces = [
      "<", ">", "</", "<!--", "-->", "&", "&#", ";", "\"", "'", "=", "<table>", "<tr>", "<td>", "</table>", "<ul>",
      "<li>", "</ul>", "<a href='x'>", "</a>", "<pre>", "</pre>", "<script>", "</script>", "text", "\n", "<h1>",
      "</h1>", "<blockquote>", "<title>", "<base href='http://[", "\u{0}", "\u{e9}", "<svg>", "<p hidden>", "<![CDATA[",
      "<?php ", "<!DOCTYPE html", "<th>", "</tr>", "<thead>", "<body>", "</body>", "</html>", "<frameset>",
    ]
    for _ in 0..<3000 {
      let page = (0..<Int.random(in: 0..<40)).map { _ in pieces.randomElement(using: &generator)! }.joined()
      _ = text(page)
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = text(String(decoding: bytes, as: UTF8.self))
    }
  }
}
