import Synchronization

/// The posting lists that were read last, up to a number of bytes. Shared by the readers of an index.
final class PostingCache: Sendable {
  private struct Entry {
    let list: PostingList
    var lastUse: UInt64
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var bytes = 0
    var uses: UInt64 = 0
  }

  let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: bytes.
  init(capacity: Int) { self.capacity = capacity }

  func list(of word: String) -> PostingList? {
    state.withLock { state in
      state.uses += 1
      let uses = state.uses
      state.entries[word]?.lastUse = uses
      return state.entries[word]?.list
    }
  }

  private static func size(_ list: PostingList, _ word: String) -> Int { list.size + word.utf8.count }

  func insert(_ list: PostingList, for word: String) {
    state.withLock { state in
      state.uses += 1
      if state.entries.updateValue(Entry(list: list, lastUse: state.uses), forKey: word) == nil {
        state.bytes += Self.size(list, word)
      }
      guard state.bytes > capacity else { return }
      // Down to three quarters at once, so that sorting is rare.
      for (word, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
        guard state.bytes > capacity / 4 * 3 else { return }
        state.entries[word] = nil
        state.bytes -= Self.size(entry.list, word)
      }
    }
  }
}
