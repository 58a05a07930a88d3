import AgentCore
import Synchronization
import Testing

@testable import AgentTools

/// A tool that counts its calls and answers when it is told to.
private final class CountingTool: Tool {
  let pureOver: String?
  let body: @Sendable (JSONObject, Int) async throws -> ToolOutput
  let calls = Mutex(0)
  let schema = ToolSchema(name: "counting", description: "", parameters: ["type": "object"])

  init(pureOver: String? = "v1", body: @escaping @Sendable (JSONObject, Int) async throws -> ToolOutput) {
    self.pureOver = pureOver
    self.body = body
  }

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    let number = calls.withLock {
      $0 += 1
      return $0
    }
    return try await body(arguments, number)
  }
}

/// Opens once; whoever waits goes on.
private final class Gate: Sendable {
  private let isOpen = Mutex(false)

  func open() { isOpen.withLock { $0 = true } }

  func pass() async throws {
    while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
  }
}

private struct Broken: Error {}

@Suite struct ToolCacheTests {
  private func call(
    _ registry: ToolRegistry, _ arguments: JSONValue = ["q": 1], within: Duration = .seconds(30)
  ) async -> ToolResult {
    await registry.call(ToolCall(id: "c", name: "counting", arguments: arguments), deadline: .now + within)
  }

  @Test("sessions share the answers of a pure tool, whatever the order of the arguments' keys")
  func shared() async throws {
    let cache = ToolCache()
    let tool = CountingTool { arguments, _ in .ok(arguments.values.map { $0.serialized() }.joined(separator: ",")) }
    let other = CountingTool { _, _ in .ok("not asked") }
    let first = await call(try ToolRegistry([tool], cache: cache), ["a": 1, "b": ["x": 1, "y": 2]])
    let second = await call(try ToolRegistry([other], cache: cache), ["b": ["y": 2, "x": 1], "a": 1])
    #expect(second.content == first.content)
    #expect(other.calls.withLock { $0 } == 0)
    let counters = cache.counters
    #expect([counters.hits, counters.misses, counters.entries] == [1, 1, 1])
  }

  @Test("another corpus, another argument and a tool that is not pure are asked anew")
  func distinct() async throws {
    let cache = ToolCache()
    func answer(_ pureOver: String?, _ arguments: JSONValue) async throws -> Int {
      let tool = CountingTool(pureOver: pureOver) { _, _ in .ok("x") }
      _ = await call(try ToolRegistry([tool], cache: cache), arguments)
      return tool.calls.withLock { $0 }
    }
    #expect(try await answer("v1", ["q": 1]) == 1)
    #expect(try await answer("v1", ["q": 1]) == 0)
    #expect(try await answer("v2", ["q": 1]) == 1)
    #expect(try await answer("v1", ["q": "1"]) == 1)
    #expect(try await answer(nil, ["q": 1]) == 1)
    #expect(try await answer(nil, ["q": 1]) == 1)
  }

  @Test("only good answers are kept")
  func failures() async throws {
    let tool = CountingTool { _, number in
      switch number {
      case 1: .error("no")
      case 2: throw Broken()
      case 3: .timeout("slow")
      default: .ok("yes")
      }
    }
    let registry = try ToolRegistry([tool], cache: ToolCache())
    var statuses: [ToolStatus] = []
    for _ in 0..<5 { statuses.append(await call(registry).status) }
    #expect(statuses == [.error, .error, .timeout, .ok, .ok])
    #expect(tool.calls.withLock { $0 } == 4)
  }

  @Test("equal calls at the same time run once")
  func concurrent() async throws {
    let (cache, gate) = (ToolCache(), Gate())
    let tool = CountingTool { _, _ in
      try await gate.pass()
      return .ok("once")
    }
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 {
        let registry = try ToolRegistry([tool], cache: cache)
        group.addTask { await call(registry).content }
      }
      while cache.counters.hits < 49 { try await Task.sleep(for: .milliseconds(1)) }
      gate.open()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: "once", count: 50))
    #expect(tool.calls.withLock { $0 } == 1)
  }

  @Test("who gives up does not take the answer from the others; the last one to leave cancels the call")
  func cancellation() async throws {
    let (cache, gate) = (ToolCache(), Gate())
    let cancelled = Mutex(0)
    let tool = CountingTool { arguments, _ in
      do { try await gate.pass() } catch {
        cancelled.withLock { $0 += 1 }
        throw error
      }
      return .ok("late")
    }
    let registry = try ToolRegistry([tool], cache: cache)
    let first = Task { await call(registry) }
    while cache.counters.misses < 1 { try await Task.sleep(for: .milliseconds(1)) }
    let second = Task { await call(registry) }
    while cache.counters.hits < 1 { try await Task.sleep(for: .milliseconds(1)) }
    first.cancel()
    #expect(await first.value.status == .timeout)
    #expect(cancelled.withLock { $0 } == 0)
    gate.open()
    #expect(await second.value.content == "late")

    let lonely = Task {
      await call(
        try ToolRegistry(
          [
            CountingTool { _, _ in
              do { try await Task.sleep(for: .seconds(1000)) } catch {
                cancelled.withLock { $0 += 1 }
                throw error
              }
              return .ok("")
            }
          ], cache: cache), ["q": 2])
    }
    while cache.counters.misses < 2 { try await Task.sleep(for: .milliseconds(1)) }
    lonely.cancel()
    #expect(try await lonely.value.status == .timeout)
    while cancelled.withLock({ $0 }) < 1 { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test("a call that somebody else's deadline cut short is run again for those who have more time")
  func deadlines() async throws {
    let cache = ToolCache()
    // Ends with its first caller's deadline, as tools do.
    let tool = CountingTool { _, number in
      guard number == 1 else { return .ok("whole") }
      try await Task.sleep(for: .milliseconds(150))
      return .timeout("cut")
    }
    let registry = try ToolRegistry([tool], cache: cache)
    async let short = call(registry, within: .milliseconds(100))
    while cache.counters.misses < 1 { try await Task.sleep(for: .milliseconds(1)) }
    async let long = call(registry, within: .seconds(30))
    #expect(await short.status == .timeout)
    #expect(await long.content == "whole")
  }

  @Test("what was used least recently goes first, and limits hold", arguments: [1, 2, 3])
  func eviction(seed: Int) {
    var limits = ToolCache.Limits()
    limits.entries = 8
    limits.bytes = 400
    var cache = LeastRecentlyUsed(limits: limits)
    var model: [(key: ToolCache.Key, output: ToolOutput)] = []
    var random = RandomStream(seed: seed, purpose: "test")
    func size(_ entry: (key: ToolCache.Key, output: ToolOutput)) -> Int {
      entry.key.bytes + entry.output.content.utf8.count
    }
    for _ in 0..<5000 {
      let key = ToolCache.Key(tool: "t", pureOver: "", arguments: ["n": JSONValue(Int(random.next() % 20))])
      if random.next() % 2 == 0 {
        let expected = model.firstIndex { $0.key == key }.map { model.remove(at: $0) }
        #expect(cache.take(key) == expected?.output)
        if let expected { model.append(expected) }
      } else {
        let output = ToolOutput.ok(
          String(repeating: "x", count: Int(random.next() % 120) * (random.next() % 50 == 0 ? 9 : 1)))
        model.removeAll { $0.key == key }
        if size((key, output)) <= limits.bytes { model.append((key, output)) }
        while model.count > limits.entries || model.reduce(0, { $0 + size($1) }) > limits.bytes { model.removeFirst() }
        cache.keep(output, for: key)
      }
      #expect(cache.count == model.count)
      #expect(cache.bytes == model.reduce(0) { $0 + size($1) })
    }
    #expect(cache.evictions > 0)
  }
}
