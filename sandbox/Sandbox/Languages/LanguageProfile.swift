/// How to run one language: what its YAML file says. Nothing has been looked up on this machine yet.
public struct LanguageProfile: Sendable, Hashable {
  /// Names may hold lower-case letters, digits, `-`, `+` and `_`.
  public var name: String
  public var aliases: [String]
  public var description: String
  /// The name under which the program lies in the work directory.
  public var file: String
  /// Preloads an interpreter that every run is forked from; nil: `run` starts a program.
  public var zygote: Zygote?
  /// Makes the program that `run` starts.
  public var compile: Step?
  /// Starts the program; nil with a zygote.
  public var run: Step?
  public var session: Session
  /// Commands that must be installed, by the template name under which arguments can use their paths.
  public var commands: [Command]
  /// Folders that a command prints, by template name; they are readable inside.
  public var queries: [Query]
  /// Host paths to make readable inside, besides the system's.
  public var readOnlyPaths: [String]
  /// `NAME=value`.
  public var environment: [String]
  /// Allowed beyond the common list.
  public var systemCalls: [String]
  public var limits: ExecutionLimits

  /// An interpreter that is started once per slot.
  public struct Zygote: Sendable, Hashable {
    /// Absolute paths, or names to look up in PATH; the first that is there and has what is required counts.
    public var interpreters: [String]
    /// Imported before the first run; a module that is missing is left out.
    public var modules: [String]
    /// Modules without which the language is not there, with the Debian package of each.
    public var required: [Command]
    /// Whether third-party packages are importable.
    public var sitePackages: Bool
  }

  /// A command line. `{file}` and `{output}` stand for the program's file and the compiled one, `{name}` for the path of
  /// a command or query of that name.
  public struct Step: Sendable, Hashable {
    public var arguments: [String]
    /// For compiling: time and memory of its own; nil: those of the run.
    public var wall: Duration?
    public var memoryBytes: Int?
    public var processes: Int?
  }

  /// Something to install, and the Debian package that has it.
  public struct Command: Sendable, Hashable {
    public var name: String
    public var package: String
  }

  /// A command whose first line of output is a path.
  public struct Query: Sendable, Hashable {
    public var name: String
    public var arguments: [String]
    public var package: String
  }

  /// What a session of this language keeps from cell to cell.
  public enum Session: Sendable, Hashable {
    /// The interpreter itself, forked from the zygote.
    case interpreter
    /// The work directory; every cell is a program of its own, started by this command line.
    case directory(Step)
    case none
  }
}
