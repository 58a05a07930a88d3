import Glibc

/// Cosines and sines of rotary positions: [position][headWidth / 2], angle = position · theta^(-2i / headWidth).
///
/// Angles are rounded to Float as in the Hugging Face implementation, so that long positions agree with it.
final class RotaryTable {
  private(set) var cosines = FloatBuffer(count: 0)
  private(set) var sines = FloatBuffer(count: 0)
  private var positions = 0
  private let frequencies: [Float]

  init(headWidth: Int, theta: Float) {
    frequencies = (0..<headWidth / 2).map { Float(1 / pow(Double(theta), Double(2 * $0) / Double(headWidth))) }
  }

  /// Makes sure that positions below `count` are there.
  func extend(to count: Int) {
    guard count > positions else { return }
    let half = frequencies.count
    let size = max(count, 2 * positions, 256)
    let newCosines = FloatBuffer(count: size * half)
    let newSines = FloatBuffer(count: size * half)
    for position in 0..<size {
      for index in 0..<half {
        let angle = Double(Float(position) * frequencies[index])
        newCosines.base[position * half + index] = Float(cos(angle))
        newSines.base[position * half + index] = Float(sin(angle))
      }
    }
    (cosines, sines, positions) = (newCosines, newSines, size)
  }
}
