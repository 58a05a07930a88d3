import Glibc

/// A fixed block of zeroed, 64-byte aligned floats that lives as long as this object.
///
/// Large blocks come from their own memory mapping, so they cost no memory until they are touched and go back to the
/// system at once.
final class FloatBuffer {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let byteCount: Int
  private static let hugePage = 1 << 21

  init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) floats")
    self.count = count
    // One cache line more than asked: vector loads may touch it.
    let needed = (count * MemoryLayout<Float>.stride + 64 + 4095) & ~4095
    // Large blocks begin on a boundary of huge pages, which spare the address translation much work.
    let alignment = needed >= Self.hugePage ? Self.hugePage : 4096
    byteCount = needed + alignment - 4096
    let mapped = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      fatalError("out of memory: \(byteCount) bytes for a buffer of \(count) floats")
    }
    mapping = mapped
    let start = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: mapped) + UInt(alignment) - 1) & ~UInt(alignment - 1))
    let memory = start ?? mapped
    if needed >= Self.hugePage { madvise(memory, needed, MADV_HUGEPAGE) }
    base = memory.bindMemory(to: Float.self, capacity: count)
  }

  deinit { munmap(mapping, byteCount) }

  func zero() { base.update(repeating: 0, count: count) }

  func copy(from other: FloatBuffer) {
    precondition(count == other.count, "buffers of \(count) and \(other.count) floats differ in size")
    base.update(from: other.base, count: count)
  }
}

/// A buffer that grows to the largest size asked for and is used again. Contents are not kept between requests.
final class ScratchBuffer {
  private var buffer = FloatBuffer(count: 0)

  /// At least `count` floats, with any contents. Valid until the next call.
  func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    if buffer.count < count {
      buffer = FloatBuffer(count: 0)
      buffer = FloatBuffer(count: count)
    }
    return buffer.base
  }
}
