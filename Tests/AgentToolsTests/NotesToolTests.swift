import AgentCore
import Testing

@testable import AgentTools

@Suite struct NotesToolTests {
  private func notes(_ change: (inout NotesSettings) -> Void = { _ in }) -> (JSONObject) async -> String {
    var settings = NotesSettings()
    change(&settings)
    let tool = NotesTool(settings: settings)
    return { await tool.call($0, context: ToolContext(callID: "c", deadline: .now + .seconds(5))).content }
  }

  @Test("what is written can be read, appended to, listed and deleted")
  func operations() async {
    let notes = notes()
    #expect(await notes(["operation": "list"]) == "no notes")
    #expect(await notes(["operation": "read"]) == "no notes")
    #expect(await notes(["operation": "write", "name": "b", "text": "one"]) == "wrote `b` (3 characters)")
    #expect(await notes(["operation": "append", "name": "b", "text": "two"]) == "wrote `b` (7 characters)")
    #expect(await notes(["operation": "append", "name": "a", "text": "é🙂"]) == "wrote `a` (2 characters)")
    #expect(await notes(["operation": "read", "name": "b"]) == "one\ntwo")
    #expect(await notes(["operation": "read"]) == "[b]\none\ntwo\n\n[a]\né🙂")
    #expect(await notes(["operation": "list"]) == "b (7 characters)\na (2 characters)")
    #expect(await notes(["operation": "write", "name": "b", "text": ""]) == "wrote `b` (0 characters)")
    #expect(await notes(["operation": "delete", "name": "b"]) == "deleted `b`")
    #expect(await notes(["operation": "list"]) == "a (2 characters)")
  }

  @Test("what cannot be done says why, and changes nothing")
  func errors() async {
    let notes = notes {
      $0.maxNotes = 2
      $0.maxCharacters = 5
    }
    #expect(await notes(["operation": "write", "name": "a"]) == "error: `write` needs `text`")
    #expect(await notes(["operation": "delete"]) == "error: `delete` needs `name`")
    #expect(await notes(["operation": "read", "name": "a"]) == "error: there is no note `a`; there are none")
    _ = await notes(["operation": "write", "name": "a", "text": "12345"])
    #expect(await notes(["operation": "append", "name": "a", "text": ""]).contains("would have 6 characters"))
    #expect(await notes(["operation": "read", "name": "a"]) == "12345")
    _ = await notes(["operation": "write", "name": "b", "text": ""])
    #expect(
      await notes(["operation": "write", "name": "c", "text": ""])
        == "error: there are 2 notes already: delete or overwrite one of a, b")
    #expect(await notes(["operation": "delete", "name": "c"]) == "error: there is no note `c`; the notes are: a, b")
  }

  @Test("each session has its own notes, and calls of one turn run in their order")
  func sessions() async throws {
    let (one, two) = (try ToolRegistry([NotesTool()]), try ToolRegistry([NotesTool()]))
    let calls = (0..<100).map {
      ToolCall(
        id: "c\($0)", name: "notes", arguments: ["operation": "append", "name": "n", "text": .string("\($0)")])
    }
    _ = await one.call(calls, deadline: .now + .seconds(30))
    let read = ToolCall(id: "r", name: "notes", arguments: ["operation": "read", "name": "n"])
    let text = (0..<100).map(String.init).joined(separator: "\n")
    #expect(await one.call(read, deadline: .now + .seconds(5)).content == text)
    #expect(await two.call(read, deadline: .now + .seconds(5)).status == .error)
  }
}
