import AgentCore
import Foundation
import LanguageModel
import Rollouts

extension TrainingRun {
  /// Writes a checkpoint: a folder that `--policy` takes, with the optimizer's moments and the run's progress beside.
  ///
  /// It is written under another name and renamed when everything in it is on disk.
  func checkpoint() async throws {
    progress.policyVersion = await learner.version
    let target = folder.checkpoint(step: progress.completedSteps)
    let partial = "\(folder.checkpoints)/.writing"
    try? FileManager.default.removeItem(atPath: partial)
    try policy.language.save(to: partial)
    let seconds = progress.earlierSeconds + elapsedSeconds
    let state = progress
    let (digests, optimizerSteps) = try await learner.withState { model, optimizer in
      try ModelFile.save(model.parameters, model.configuration, folder: partial)
      var digests: JSONObject = ["weights": .string(model.parameters.digest)]
      if let optimizer {
        try ModelFile.saveTensors(optimizer.mean, path: "\(partial)/optimizer-mean.safetensors")
        try ModelFile.saveTensors(optimizer.variance, path: "\(partial)/optimizer-variance.safetensors")
        digests["optimizer_mean"] = .string(optimizer.mean.digest)
        digests["optimizer_variance"] = .string(optimizer.variance.digest)
      }
      return (digests, optimizer?.stepCount ?? 0)
    }
    progress.optimizerSteps = optimizerSteps
    var recorded = state
    recorded.optimizerSteps = optimizerSteps
    try writeAtomically(
      recorded.json(digests: digests, seconds: seconds).serialized() + "\n", to: "\(partial)/state.json")
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.moveItem(atPath: partial, toPath: target)
    pruneCheckpoints()
  }

  /// Keeps the newest checkpoints, as many as the recipe says.
  private func pruneCheckpoints() {
    for step in folder.checkpointSteps().dropLast(recipe.training.keepCheckpoints) {
      // A checkpoint that cannot be removed costs disk space, not correctness.
      try? FileManager.default.removeItem(atPath: folder.checkpoint(step: step))
    }
  }

  /// Sets weights and moments as a checkpoint recorded them, and checks their digests.
  func restoreWeights(_ checkpoint: String) async throws {
    let digests = try RunProgressState.digests(checkpoint: checkpoint)
    let optimizerSteps = progress.optimizerSteps
    try await learner.restore(version: progress.policyVersion) { model, optimizer in
      try ModelFile.loadTensors("\(checkpoint)/model.safetensors", into: model.parameters)
      try check(model.parameters, digests["weights"], checkpoint)
      guard digests["optimizer_mean"] != nil else { return }
      try ModelFile.loadTensors("\(checkpoint)/optimizer-mean.safetensors", into: optimizer.mean)
      try ModelFile.loadTensors("\(checkpoint)/optimizer-variance.safetensors", into: optimizer.variance)
      try check(optimizer.mean, digests["optimizer_mean"], checkpoint)
      try check(optimizer.variance, digests["optimizer_variance"], checkpoint)
      optimizer.stepCount = optimizerSteps
    }
  }
}

private func check(_ buffer: ParameterBuffer, _ recorded: JSONValue?, _ checkpoint: String) throws {
  guard let recorded = recorded?.stringValue, buffer.digest == recorded else {
    throw TrainingError.badCheckpoint(checkpoint, reason: "its numbers do not have the digest that it records")
  }
}
