/// One record of an event file: TensorFlow's `Event` message in protocol-buffer encoding, framed as a TFRecord.
///
/// The few fields we use (tensorflow/core/util/event.proto, framework/summary.proto):
/// `Event {1: double wall_time, 2: int64 step, 3: string file_version, 5: Summary summary, 7: SessionLog session_log}`,
/// `Summary {1: repeated Value {1: string tag, 2: float simple_value}}`, `SessionLog {1: enum status (1 = START)}`.
enum EventRecord {
  /// The first record of every file.
  static func fileVersion(wallTime: Double) -> [UInt8] {
    framed(double(1, wallTime) + bytes(3, "brain.Event:2".utf8))
  }

  /// Tells readers to forget what earlier files say about this step and later ones.
  static func sessionStart(step: Int, wallTime: Double) -> [UInt8] {
    framed(double(1, wallTime) + varint(2, UInt64(bitPattern: Int64(step))) + bytes(7, varint(1, 1)))
  }

  /// The scalars of one step.
  static func scalars(_ values: [(tag: String, value: Float)], step: Int, wallTime: Double) -> [UInt8] {
    let summary = values.flatMap { bytes(1, bytes(1, $0.tag.utf8) + float(2, $0.value)) }
    return framed(double(1, wallTime) + varint(2, UInt64(bitPattern: Int64(step))) + bytes(5, summary))
  }

  /// TFRecord: length (8 bytes), masked checksum of the length, data, masked checksum of the data; little endian.
  static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  // MARK: Protocol-buffer fields

  private static func varint(_ value: UInt64) -> [UInt8] {
    var value = value
    var output: [UInt8] = []
    while value >= 0x80 {
      output.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return output + [UInt8(value)]
  }

  private static func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] { varint(field << 3) + varint(value) }

  private static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
    varint(field << 3 | 1) + littleEndian(value.bitPattern)
  }

  private static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
    varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }

  private static func bytes(_ field: UInt64, _ value: some Collection<UInt8>) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(value.count)) + value
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
