import AgentCore
import ArgumentParser
import Foundation
import PolicyOptimization

/// Gives credit to recorded episodes.
struct Credit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print one advantage per turn for each recorded trajectory.",
    discussion: "Trajectories with the same group_id form a group; without one, those of the same task do.")

  @Argument(help: "A file of agentenv.trajectory/1 lines.")
  var file: String

  @Option(help: "An estimator; `agentrl methods` lists them.")
  var estimator: String

  @Option(name: .customLong("set"), help: "Set an option of the estimator: --set gamma=0.9 (repeatable).")
  var assignments: [String] = []

  @Flag(help: "Print JSON lines (the only format).")
  var json = false

  func run() throws {
    let estimator = try makeEstimator()
    let trajectories = try read()
    var groups: [String: [Int]] = [:]
    for (index, trajectory) in trajectories.enumerated() {
      groups[trajectory.groupID.map { "group \($0)" } ?? "task \(trajectory.task.id)", default: []].append(index)
    }
    var advantages = [[Double]](repeating: [], count: trajectories.count)
    for members in groups.values {
      try checkGroup(members.map { trajectories[$0] })
      let records = try members.map { try CreditRecord(trajectories[$0]) }
      for (member, values) in zip(members, estimator.advantages(for: records)) { advantages[member] = values }
    }
    for (trajectory, values) in zip(trajectories, advantages) {
      let line: JSONValue = ["id": .string(trajectory.id), "advantages": .array(values.map(JSONValue.double))]
      print(line.serialized())
    }
  }

  private func makeEstimator() throws -> any CreditEstimator {
    do {
      return try CreditMethods.make(estimator, options: try assignedValues(assignments, flag: "--set"))
    } catch let error as CreditError {
      throw UsageError(description: error.description)
    } catch let error as JSONError {
      throw UsageError(description: "--set: \(error)")
    }
  }

  private func read() throws -> [Trajectory] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw FileError(path: file, reason: "cannot be read")
    }
    var trajectories: [Trajectory] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      do {
        trajectories.append(try Trajectory(json: try JSONValue(parsing: Array(line))))
      } catch {
        throw FileError(path: "\(file):\(index + 1)", reason: "\(error)")
      }
    }
    return trajectories
  }
}

/// What is wrong with a file.
struct FileError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "\(path): \(reason)" }
}
