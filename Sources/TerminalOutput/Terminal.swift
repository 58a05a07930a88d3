import Glibc

/// What an output stream can show.
public struct Terminal: Sendable {
  public let descriptor: Int32
  /// Whether people read it as it is written.
  public let isTerminal: Bool
  /// On a terminal, unless `NO_COLOR` is set (no-color.org) or `TERM` is `dumb`.
  public let usesColour: Bool

  public static let standardOutput = Terminal(descriptor: STDOUT_FILENO)
  public static let standardError = Terminal(descriptor: STDERR_FILENO)

  public init(descriptor: Int32) {
    func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let isTerminal = isatty(descriptor) == 1 && variable("TERM") != "dumb"
    self.init(
      descriptor: descriptor, isTerminal: isTerminal, usesColour: isTerminal && variable("NO_COLOR").isEmpty)
  }

  /// A stream whose abilities are known already.
  public init(descriptor: Int32, isTerminal: Bool, usesColour: Bool) {
    self.descriptor = descriptor
    self.isTerminal = isTerminal
    self.usesColour = usesColour
  }

  /// Columns now; people resize windows. nil where there are none.
  public var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes text. What cannot be written is lost: nobody is there to read it.
  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }

  /// Writes a line at once, also into a pipe.
  public func writeLine(_ line: String) { write(line + "\n") }

  // MARK: Colour

  /// The few attributes in use.
  public enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case cyan = "36"
  }

  /// Moves to the start of the line and clears it.
  public static let clearLine = "\r\u{1B}[K"

  /// The text with an attribute, where colour is wanted.
  public func styled(_ text: String, _ style: Style) -> String { usesColour ? style.applied(to: text) : text }
}

extension Terminal.Style {
  /// The text between the codes that switch the attribute on and off.
  public func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
