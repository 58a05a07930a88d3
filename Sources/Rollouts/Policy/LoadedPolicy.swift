import AgentCore
import Foundation
import LanguageModel

/// A policy ready to act: weights on their compute thread, and the language that it speaks.
public struct LoadedPolicy: Sendable {
  /// How records name it.
  public let name: String
  public let engine: LocalPolicy
  public let language: PolicyLanguage

  /// Loads a folder with safetensors, a checkpoint or folder of a run, or a `.gguf` file.
  ///
  /// - Parameter threads: compute threads; 0 uses every core.
  /// - Throws: `ModelFileError`, `PolicyLanguageError`, `TokenizerError`, saying which file is wrong and how.
  public init(path: String, name: String? = nil, threads: Int = 0) throws {
    let file = PolicyPath.resolve(path)
    let model = try ModelFile.load(file)
    let language = try PolicyLanguage(source: model.tokenizer)
    guard language.tokenizer.vocabularySize <= model.configuration.vocabularySize else {
      throw PolicyLanguageError.malformed(
        path: path,
        reason: "its tokenizer has \(language.tokenizer.vocabularySize) ids, its weights only "
          + "\(model.configuration.vocabularySize)")
    }
    self.language = language
    self.name = name ?? (path as NSString).lastPathComponent
    engine = LocalPolicy(
      Transformer(
        configuration: model.configuration, parameters: model.parameters, threads: ComputeThreads(requested: threads)))
  }

  /// A small policy with random weights; the same seed gives the same bits.
  public init(
    randomWith configuration: TransformerConfiguration, language: PolicyLanguage, seed: Int, name: String,
    threads: Int = 0
  ) {
    self.language = language
    self.name = name
    engine = LocalPolicy(
      Transformer.randomlyInitialized(
        configuration, seed: seed, threads: ComputeThreads(requested: threads),
        // Small widths need larger weights for the same signal; 0.02 suits a width of several hundred and more.
        standardDeviation: max(0.02, 0.5 / Double(configuration.width).squareRoot() / 2)))
  }
}

extension ComputeThreads {
  /// So many threads, or one per core for 0.
  fileprivate convenience init(requested: Int) { self.init(count: requested > 0 ? requested : nil) }
}

/// What `--policy` may point to.
enum PolicyPath {
  /// The folder of a run stands for its newest checkpoint; anything else for itself.
  static func resolve(_ path: String) -> String {
    let checkpoints = "\(path)/checkpoints"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    guard let newest = names.filter({ $0.hasPrefix("step-") }).max() else { return path }
    return "\(checkpoints)/\(newest)"
  }
}
