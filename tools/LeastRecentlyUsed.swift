/// Answers by key, bounded in number and size; the one that was used least recently goes first.
///
/// A doubly linked list through an array: `newest` is the head, `older` leads to the tail. All operations take constant
/// time.
struct LeastRecentlyUsed {
  private struct Node {
    var key: ToolCache.Key
    var output: ToolOutput
    var newer: Int?
    var older: Int?

    var bytes: Int { key.bytes + output.content.utf8.count }
  }

  private let limits: ToolCache.Limits
  private var places: [ToolCache.Key: Int] = [:]
  /// A freed place holds nil and is listed in `free`.
  private var nodes: [Node?] = []
  private var free: [Int] = []
  private var newest: Int?
  private var oldest: Int?
  private(set) var bytes = 0
  private(set) var evictions = 0

  init(limits: ToolCache.Limits) {
    self.limits = limits
  }

  var count: Int { places.count }

  /// The answer kept for a key, which becomes the most recently used one.
  mutating func take(_ key: ToolCache.Key) -> ToolOutput? {
    guard let place = places[key], let node = unlink(place) else { return nil }
    link(node, at: place)
    return node.output
  }

  /// Keeps an answer, unless it alone is larger than everything may be.
  mutating func keep(_ output: ToolOutput, for key: ToolCache.Key) {
    if let place = places[key] { remove(place) }
    let node = Node(key: key, output: output)
    guard limits.entries > 0, node.bytes <= limits.bytes else { return }
    while let oldest, count >= limits.entries || bytes + node.bytes > limits.bytes {
      remove(oldest)
      evictions += 1
    }
    let place = free.popLast() ?? nodes.count
    if place == nodes.count { nodes.append(nil) }
    places[key] = place
    bytes += node.bytes
    link(node, at: place)
  }

  private mutating func remove(_ place: Int) {
    guard let node = unlink(place) else { return }
    places[node.key] = nil
    bytes -= node.bytes
    free.append(place)
  }

  private mutating func unlink(_ place: Int) -> Node? {
    guard let node = nodes[place] else { return nil }
    if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
    if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
    nodes[place] = nil
    return node
  }

  private mutating func link(_ node: Node, at place: Int) {
    var node = node
    node.newer = nil
    node.older = newest
    nodes[place] = node
    if let newest { nodes[newest]?.newer = place } else { oldest = place }
    newest = place
  }
}
