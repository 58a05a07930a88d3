import AgentCore
import Foundation

/// Tasks from a JSONL file: one `EnvironmentTask` object a line, with at least `id`, `split` and
/// `payload.question`; blank lines are skipped. The whole file is read and checked when it is opened.
public struct TaskFile: TaskSource {
  private let tasks: [Split: [EnvironmentTask]]

  /// - Throws: `EnvironmentError` with file, line and field of the first thing wrong.
  public init(path: String) throws(EnvironmentError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path: path, reason: "cannot be read: check that the task file exists and is readable")
    }
    var tasks: [Split: [EnvironmentTask]] = [:]
    var lineOfID: [String: Int] = [:]
    for (index, line) in Array(data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    {
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      let task: EnvironmentTask
      do {
        task = try EnvironmentTask(json: JSONValue(parsing: Array(line)), path: "")
      } catch {
        throw .badTaskFile(path: path, line: index + 1, reason: error.description)
      }
      if let first = lineOfID.updateValue(index + 1, forKey: task.id) {
        throw .badTaskFile(path: path, line: index + 1, reason: "id `\(task.id)` is already used in line \(first)")
      }
      guard task.payload["question"]?.stringValue != nil else {
        throw .badTaskFile(path: path, line: index + 1, reason: "payload.question: missing")
      }
      tasks[task.split, default: []].append(task)
    }
    self.tasks = tasks
  }

  public func count(of split: Split) -> Int? { tasks[split]?.count ?? 0 }

  public func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
    let all = tasks[split] ?? []
    guard all.indices.contains(index) else {
      throw EnvironmentError.noTask(environment: "task file", split: split, index: index, count: all.count)
    }
    return all[index]
  }
}
