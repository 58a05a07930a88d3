import Configuration
import EnvironmentKit
import Logging
import SessionEngine
import Synchronization

/// What every connection of a server shares: the environments, the engine, and the places for clients.
struct EnvironmentHost: Sendable {
  /// The first one is meant where a client names none.
  let environments: [EnvironmentDefinition]
  let engine: SessionEngine
  let places: ClientPlaces
  let readMessage: MessageReader
  let logger: Logger

  var defaultEnvironment: EnvironmentDefinition { environments[0] }

  /// The environment of that name, whatever its case.
  func definition(named name: String) throws(EnvironmentError) -> EnvironmentDefinition {
    let lowercased = name.lowercased()
    guard let definition = environments.first(where: { $0.name.lowercased() == lowercased }) else {
      let names = environments.map(\.name)
      throw .unknownEnvironment(name: name, known: names, nearest: nearestWord(to: name, among: names))
    }
    return definition
  }
}

/// Counts the clients that are being served.
final class ClientPlaces: Sendable {
  let limit: Int
  private let taken = Mutex(0)

  init(limit: Int) {
    self.limit = limit
  }

  var active: Int { taken.withLock { $0 } }

  /// Whether there was a place. Give it back with `leave`.
  func enter() -> Bool {
    taken.withLock {
      guard $0 < limit else { return false }
      $0 += 1
      return true
    }
  }

  func leave() { taken.withLock { $0 -= 1 } }
}
