import AgentCore

/// How a search server is asked and how it answers.
public enum RetrieverShape: String, Sendable, CaseIterable {
  /// Search-R1, verl: `{"queries": [q], "topk": k, "return_scores": true}` →
  /// `{"result": [[{"document": {"id", "contents"}, "score"}]]}`; `contents` is `"Title"`, a line feed, and the text.
  case searchR1 = "search-r1"
  /// SkyRL-Gym: `{"query": q, "topk": k, "return_scores": true}`, answered as by Search-R1 or with one flat list.
  case skyRL = "skyrl"
  /// `{"query": q, "k": k, "filter": {…}}` → `{"results": [{"id", "title", "text", "score"}]}`.
  case plain

  /// The body of a request.
  func body(_ query: SearchQuery) -> JSONValue {
    let (text, limit) = (JSONValue.string(query.text), JSONValue(query.limit))
    switch self {
    case .searchR1: return ["queries": [text], "topk": limit, "return_scores": true]
    case .skyRL: return ["query": text, "topk": limit, "return_scores": true]
    case .plain:
      var body: JSONObject = ["query": text, "k": limit]
      if !query.filter.isEmpty { body["filter"] = .object(query.filter) }
      return .object(body)
    }
  }

  /// The passages in an answer. Fields that are not known are passed over: servers add their own.
  func hits(_ answer: JSONValue) throws(JSONError) -> [SearchHit] {
    let key = self == .plain ? "results" : "result"
    var fields = try JSONFields(answer)
    var list = try fields.required(key)
    var path = key
    if self != .plain, let first = list.arrayValue?.first, case .array = first {
      list = first
      path = "\(key)[0]"
    }
    guard let elements = list.arrayValue else {
      throw .value(reason: "expected an array, found \(list.kindName)", path: path)
    }
    var hits: [SearchHit] = []
    for (index, element) in elements.enumerated() {
      hits.append(try Self.hit(element, path: "\(path)[\(index)]", place: index))
    }
    return hits
  }

  /// One passage, with its fields in the element itself or in its `document`.
  private static func hit(_ element: JSONValue, path: String, place: Int) throws(JSONError) -> SearchHit {
    var outer = try JSONFields(element, path: path)
    var score: Double?
    for key in ["score", "similarity"] where score == nil { score = try outer.optionalDouble(key) }
    let document = outer.optional("document")
    if let contents = document?.stringValue { return hit(contents: contents, score: score, place: place) }
    var fields = try JSONFields(document ?? element, path: document == nil ? path : "\(path).document")
    let title = try fields.optionalString("title")
    let id = fields.optional("id") ?? fields.optional("docid")
    var text: String?
    for key in ["text", "contents", "content", "snippet", "passage"] where text == nil {
      text = try fields.optionalString(key)
      guard key == "contents", let contents = text else { continue }
      let parts = Passage.parts(ofContents: contents)
      return SearchHit(
        id: name(id) ?? "\(place + 1)", title: title ?? parts.title, text: parts.text, score: score)
    }
    guard let text else {
      throw .value(reason: "a passage has `text` or `contents`", path: fields.path)
    }
    return SearchHit(id: name(id) ?? "\(place + 1)", title: title, text: text, score: score)
  }

  private static func hit(contents: String, score: Double?, place: Int) -> SearchHit {
    let parts = Passage.parts(ofContents: contents)
    return SearchHit(id: "\(place + 1)", title: parts.title, text: parts.text, score: score)
  }

  private static func name(_ id: JSONValue?) -> String? { id?.stringValue ?? id?.intValue.map(String.init) }
}
