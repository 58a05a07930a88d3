import Synchronization

/// Looks languages up on this machine, each once.
final class LanguageResolver: Sendable {
  private typealias Lookup = Task<Result<ResolvedLanguage, SandboxError>, Never>

  let catalog: LanguageCatalog
  private let lookups = Mutex<[String: Lookup]>([:])

  init(_ catalog: LanguageCatalog) { self.catalog = catalog }

  /// - Throws: `SandboxError.unknownLanguage` or `.missingToolchain`.
  func language(_ name: String) async throws(SandboxError) -> ResolvedLanguage {
    let profile = try catalog.profile(name)
    let lookup = lookups.withLock { lookups in
      if let running = lookups[profile.name] { return running }
      let lookup = Lookup {
        await BlockingThread.run { Result { () throws(SandboxError) in try Toolchain().resolve(profile) } }
      }
      lookups[profile.name] = lookup
      return lookup
    }
    let result = await lookup.value
    // What is missing may be installed while this runs.
    if case .failure = result { lookups.withLock { $0[profile.name] = nil } }
    return try result.get()
  }
}
