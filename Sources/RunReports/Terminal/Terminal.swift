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
    try? RunFile.write(Array(text.utf8), to: descriptor, path: "standard output")
  }
}

/// The few terminal attributes in use.
enum ANSI {
  static let clearLine = "\r\u{1B}[K"
  static func dim(_ text: String) -> String { "\u{1B}[2m\(text)\u{1B}[0m" }
  static func bold(_ text: String) -> String { "\u{1B}[1m\(text)\u{1B}[0m" }
  static func accent(_ text: String) -> String { "\u{1B}[36m\(text)\u{1B}[0m" }
}
