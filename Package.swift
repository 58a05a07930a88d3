// swift-tools-version: 6.2
import PackageDescription

// One package, two programs: `agentenv` (environment server) and `agentrl` (trainer).
// Dependencies point one way; docs/architecture.md has the map.

/// Our C kernels are always optimised, in debug builds too: tests then run the code that users run.
let kernelSettings: [CSetting] = [
  .unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"])
]

func tests(_ target: String, also dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: "\(target)Tests", dependencies: [.target(name: target)] + dependencies, resources: resources)
}

let package = Package(
  name: "agentenv",
  products: [
    .executable(name: "agentenv", targets: ["agentenv"]),
    .executable(name: "agentrl", targets: ["agentrl"]),
    .library(name: "AgentEnvironmentKit", targets: ["EnvironmentKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "COpenSSL", path: "Sources/System/COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "Sources/System/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CSeccomp", path: "Sources/System/CSeccomp", pkgConfig: "libseccomp",
      providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(
      name: "CLibXML2", path: "Sources/System/CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),

    // Shared by both programs.
    .target(
      name: "AgentCore",
      dependencies: ["COpenSSL", .product(name: "OrderedCollections", package: "swift-collections")],
      exclude: ["README.md"]),
    .target(name: "Configuration", dependencies: ["AgentCore", "Yams"], exclude: ["README.md"]),

    .target(name: "TerminalOutput", exclude: ["README.md"]),
    .target(
      name: "WebTransfer", dependencies: ["CCurl", .product(name: "DequeModule", package: "swift-collections")],
      exclude: ["README.md"]),
    .target(name: "CChildProcess", exclude: ["README.md"]),
    .target(
      name: "ModelContextProtocol", dependencies: ["AgentCore", "CChildProcess", "WebTransfer"], exclude: ["README.md"]),

    // Where code of a policy runs: the launcher is C and single-threaded, everything else talks to it.
    .executableTarget(
      name: "agentenv-sandbox", dependencies: ["CSeccomp"], path: "sandbox/launcher", exclude: ["README.md"],
      cSettings: [.unsafeFlags(["-O2"])]),
    .target(
      name: "Sandbox", dependencies: ["AgentCore", "CChildProcess", "Configuration"], path: "sandbox",
      exclude: ["README.md", "launcher"], sources: ["Sandbox"],
      resources: [.embedInCode("profiles"), .embedInCode("Zygote/zygote.py")]),

    // Tools, environments, sessions and their record.
    .target(
      name: "AgentTools",
      dependencies: [
        "AgentCore", "CLibXML2", "ModelContextProtocol", "Sandbox", "WebTransfer", "BigInt",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ], path: "tools",
      exclude: ["README.md"]
        + ["Calculator", "CodeExecution", "Fetch", "KnowledgeGraph", "MCP", "Notes", "SQLQuery", "Search"].map {
          "\($0)/README.md"
        },
      resources: ["discovery", "peer", "solution", "tester"].map { .embedInCode("CodeExecution/\($0).py") }),
    .target(
      name: "EnvironmentKit",
      dependencies: [
        "AgentCore", "AgentTools", "Configuration", "ModelContextProtocol", "Sandbox",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ], exclude: ["README.md"]),
    .target(
      name: "CalculatorEnvironment", dependencies: ["EnvironmentKit"], path: "environments/calculator",
      exclude: ["README.md"], resources: [.embedInCode("environment.yaml")]),
    .target(
      name: "CodingEnvironment", dependencies: ["EnvironmentKit"], path: "environments/coding",
      exclude: ["README.md"], resources: [.embedInCode("environment.yaml")]),
    .target(
      name: "BuiltinEnvironments", dependencies: ["CalculatorEnvironment", "CodingEnvironment", "EnvironmentKit"],
      path: "environments/builtin"),
    .target(
      name: "TrajectoryStore", dependencies: ["AgentCore", .product(name: "GRDB", package: "GRDB.swift")],
      exclude: ["README.md"]),
    .target(
      name: "SessionEngine",
      dependencies: [
        "EnvironmentKit", "TrajectoryStore", .product(name: "OrderedCollections", package: "swift-collections"),
      ], exclude: ["README.md"]),
    .target(
      name: "EnvironmentServer",
      dependencies: [
        "SessionEngine", "Tokenization",
        // The server stack has a module `Configuration` of its own.
        .product(name: "Hummingbird", package: "hummingbird", moduleAliases: ["Configuration": "SwiftConfiguration"]),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ], exclude: ["README.md"]),

    // The policy: text to tokens, tokens to log-probabilities and gradients.
    .target(name: "Tokenization", dependencies: ["AgentCore"], exclude: ["README.md"]),
    .target(name: "CKernels", exclude: ["README.md"], cSettings: kernelSettings),
    .target(name: "LanguageModel", dependencies: ["AgentCore", "CKernels"], exclude: ["README.md"]),
    .target(name: "ModelHub", dependencies: ["AgentCore", "COpenSSL", "WebTransfer"], exclude: ["README.md"]),

    // Learning.
    .target(
      name: "Rollouts", dependencies: ["LanguageModel", "Tokenization", "SessionEngine"], exclude: ["README.md"]),
    .target(
      name: "RunReports", dependencies: ["AgentCore", "TerminalOutput", "TrajectoryStore"], exclude: ["README.md"]),
    .target(
      name: "PolicyOptimization", dependencies: ["Rollouts", "RunReports", "TrajectoryStore", "Configuration"],
      exclude: ["README.md"]),

    // Commands.
    .executableTarget(
      name: "agentenv",
      dependencies: [
        "AgentTools", "BuiltinEnvironments", "EnvironmentServer", "Sandbox", "TerminalOutput", "agentenv-sandbox",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "agentrl",
      dependencies: [
        "BuiltinEnvironments", "ModelHub", "PolicyOptimization", "RunReports", "TerminalOutput",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["README.md"]),

    tests("AgentCore"),
    tests("Configuration"),
    .testTarget(
      name: "SandboxTests", dependencies: ["Sandbox", "agentenv-sandbox"], resources: [.copy("Attacks")]),
    .target(name: "WebTestServer", path: "Tests/WebTestServer"),
    tests("WebTransfer", also: ["WebTestServer"]),
    .testTarget(
      name: "ModelContextProtocolTests", dependencies: ["ModelContextProtocol", "WebTransfer"],
      exclude: ["Peers", "requirements-mcp1.txt", "requirements-mcp2.txt"]),
    tests(
      "AgentTools",
      also: ["ModelContextProtocol", "WebTestServer", "WebTransfer", .product(name: "GRDB", package: "GRDB.swift")],
      resources: [.copy("Fixtures")]
    ),
    tests("EnvironmentKit", also: ["BuiltinEnvironments"]),
    tests("TrajectoryStore", also: [.product(name: "GRDB", package: "GRDB.swift")]),
    tests("SessionEngine", also: ["BuiltinEnvironments"]),
    .testTarget(
      name: "EnvironmentServerTests", dependencies: ["agentenv", "BuiltinEnvironments", "EnvironmentServer"],
      exclude: ["openenv_client.py", "requirements.txt"]),
    tests("Tokenization", resources: [.copy("Fixtures")]),
    tests("LanguageModel", also: ["CKernels"], resources: [.copy("Fixtures")]),
    tests("ModelHub"),
    tests("TerminalOutput"),
    tests("Rollouts", also: ["BuiltinEnvironments"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RunReportsTests", dependencies: ["RunReports", "TerminalOutput", "TrajectoryStore"],
      exclude: ["requirements.txt"]),
    tests("PolicyOptimization", also: ["BuiltinEnvironments"], resources: [.copy("Fixtures")]),
    .testTarget(name: "CommandTests", dependencies: ["agentenv", "agentrl", "AgentCore"]),
  ]
)
