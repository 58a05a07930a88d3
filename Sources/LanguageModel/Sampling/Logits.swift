import CKernels

/// Memory of logits, used again once nobody holds it.
final class LogitsStorage {
  let floats: FloatBuffer
  init(count: Int) { floats = FloatBuffer(count: count) }
}

/// Rows of logits of a forward pass.
public struct Logits {
  /// Number of rows, in the order of the segments and their tokens.
  public let rowCount: Int
  /// Logits of a row.
  public let vocabularySize: Int
  /// Not shared with the model while this value lives.
  private let storage: LogitsStorage
  let threads: ComputeThreads

  init(storage: LogitsStorage, rows: Int, _ model: Transformer) {
    self.storage = storage
    rowCount = rows
    vocabularySize = model.configuration.vocabularySize
    threads = model.threads
  }

  /// Logits that did not come from a model.
  init(rows: [[Float]], threads: ComputeThreads) {
    rowCount = rows.count
    vocabularySize = rows.first?.count ?? 0
    storage = LogitsStorage(count: rowCount * vocabularySize)
    for (index, row) in rows.enumerated() {
      precondition(row.count == vocabularySize, "row \(index) has \(row.count) logits, not \(vocabularySize)")
      (storage.floats.base + index * vocabularySize).update(from: row, count: row.count)
    }
    self.threads = threads
  }

  func pointer(row: Int) -> UnsafePointer<Float> {
    precondition(row >= 0 && row < rowCount, "row \(row) of \(rowCount) rows of logits")
    return UnsafePointer(storage.floats.base + row * vocabularySize)
  }

  /// Reads one row. The pointer must not leave the closure.
  public func withRow<R>(_ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(start: pointer(row: row), count: vocabularySize))
  }

  /// The most likely token, the lowest id among equals; nil if no logit is a number.
  public func argmax(row: Int) -> Int32? {
    let token = ck_argmax(threads.pool, pointer(row: row), vocabularySize)
    return token < 0 ? nil : token
  }

  /// log softmax(logits / temperature)[token]: bit for bit what training computes for the token.
  public func logProbability(row: Int, token: Int32, temperature: Float = 1) -> Float {
    precondition(token >= 0 && token < vocabularySize, "token \(token) of a vocabulary of \(vocabularySize)")
    return ck_score_row(threads.pool, pointer(row: row), vocabularySize, token, temperature).log_probability
  }

  /// Entropy of softmax(logits / temperature), in nats.
  public func entropy(row: Int, temperature: Float = 1) -> Float {
    ck_score_row(threads.pool, pointer(row: row), vocabularySize, 0, temperature).entropy
  }
}
