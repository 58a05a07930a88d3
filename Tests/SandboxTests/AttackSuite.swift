import Foundation
import Sandbox
import Testing

/// Runs every program of `Attacks/` through the sandbox. Each must fail, leave the host as it was, and leave the place in
/// which it ran as the next program expects it.
@Suite(.serialized) struct AttackSuite {
  /// An attack and where it is made.
  struct Attempt: Sendable, CustomTestStringConvertible {
    var attack: AttackProgram
    var setup: AttackGround.Setup

    var testDescription: String { "\(attack.name) (\(setup.rawValue))" }
  }

  @Test func `there are at least 80 attacks, each with an orderly header`() throws {
    #expect(try AttackProgram.all().count >= 80)
  }

  @Test("an attack fails", arguments: try await AttackRange.shared.attempts())
  func fails(_ attempt: Attempt) async throws {
    let ground = try AttackRange.shared.ground(attempt.setup)
    for variant in attempt.attack.variants {
      let trial = AttackTrial(attack: attempt.attack, variant: variant, ground: ground, host: AttackRange.shared.host)
      for failure in try await trial.failures() {
        Issue.record("\(attempt.testDescription)\(variant.map { " [\($0)]" } ?? ""): \(failure)")
      }
    }
  }

  @Test func `afterwards nothing of the sandbox is left on the host`() async throws {
    for (setup, left) in await AttackRange.shared.close() { #expect(left.isEmpty, "\(setup): \(left)") }
  }
}

/// The host and the sandboxes that all attacks share.
final class AttackRange: Sendable {
  static let shared = AttackRange()

  let host: AttackedHost
  private let grounds: [AttackGround.Setup: AttackGround]

  private init() {
    do {
      host = try AttackedHost()
      grounds = try Dictionary(uniqueKeysWithValues: AttackGround.Setup.allCases.map { ($0, try AttackGround($0)) })
    } catch {
      fatalError("the attacks need a temporary folder, sockets on the loopback interface and the launcher: \(error)")
    }
  }

  func ground(_ setup: AttackGround.Setup) throws -> AttackGround { try #require(grounds[setup]) }

  /// Every attack in every setup that this machine gives. An ordinary user's sandbox differs in its processes, ids and
  /// mounts only, and is attacked there.
  func attempts() async throws -> [AttackSuite.Attempt] {
    var attempts: [AttackSuite.Attempt] = []
    for setup in AttackGround.Setup.allCases where await setup.isAvailable() {
      for attack in try AttackProgram.all() where attack.modes.contains(setup.mode) && attack.isForThisMachine {
        if setup == .ordinaryUser, !["identity", "files", "descriptors", "processes"].contains(attack.group) {
          continue
        }
        attempts.append(AttackSuite.Attempt(attack: attack, setup: setup))
      }
    }
    return attempts
  }

  /// Ends all sandboxes, and says what is left of each.
  func close() async -> [AttackGround.Setup: HostSurvey] {
    var left: [AttackGround.Setup: HostSurvey] = [:]
    for (setup, ground) in grounds { left[setup] = await ground.close() }
    host.removeFolder()
    return left
  }
}

extension AttackProgram {
  var group: String { String(name.prefix { $0 != "/" }) }

  var isForThisMachine: Bool {
    #if arch(x86_64)
      return architecture == nil || architecture == "x86_64"
    #else
      return architecture == nil
    #endif
  }
}
