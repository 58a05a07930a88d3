/// Reads server-sent events (WHATWG HTML, 9.2) from pieces of any size.
struct EventStream: Sendable {
  struct Event: Sendable, Hashable {
    /// `message` where the server names none.
    var name: String
    var data: [UInt8]
  }

  /// The id of the last event that had one: where a broken stream can be taken up again.
  private(set) var lastEventID: String?
  /// How long the server asks to wait before that, in milliseconds.
  private(set) var retryMilliseconds: Int?

  private let limit: Int
  private var line: [UInt8] = []
  private var name = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var isAfterCarriageReturn = false
  private var isAtStart = true

  /// - Parameter limit: the longest event, in bytes.
  init(limit: Int) { self.limit = limit }

  /// The events that these bytes complete.
  ///
  /// - Throws: `MCPError.frameTooLarge` once an event passes the limit.
  mutating func append(_ bytes: some Sequence<UInt8>) throws(MCPError) -> [Event] {
    var events: [Event] = []
    for byte in bytes {
      let isSecondHalf = isAfterCarriageReturn && byte == UInt8(ascii: "\n")
      isAfterCarriageReturn = byte == UInt8(ascii: "\r")
      if isSecondHalf { continue }
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        line.append(byte)
        guard line.count + data.count <= limit else { throw .frameTooLarge(limitBytes: limit) }
        continue
      }
      if let event = endLine() { events.append(event) }
    }
    return events
  }

  /// Begins a new stream, in which the ids go on.
  mutating func restart() {
    (line, name, data, hasData) = ([], "", [], false)
    (isAfterCarriageReturn, isAtStart) = (false, true)
  }

  private mutating func endLine() -> Event? {
    defer { line.removeAll(keepingCapacity: line.capacity < 1 << 16) }
    if isAtStart && line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    isAtStart = false
    guard !line.isEmpty else { return dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[min(colon + 1, line.endIndex)...]
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "data":
      if hasData { data.append(UInt8(ascii: "\n")) }
      data += value
      hasData = true
    case "event": name = String(decoding: value, as: UTF8.self)
    case "id": if !value.contains(0) { lastEventID = String(decoding: value, as: UTF8.self) }
    case "retry":
      if let pause = Int(String(decoding: value, as: UTF8.self)), pause >= 0 { retryMilliseconds = pause }
    default: break
    }
    return nil
  }

  private mutating func dispatch() -> Event? {
    defer {
      name = ""
      data = []
      hasData = false
    }
    return data.isEmpty ? nil : Event(name: name.isEmpty ? "message" : name, data: data)
  }
}
