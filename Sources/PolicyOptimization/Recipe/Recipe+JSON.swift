import AgentCore

extension Recipe {
  /// The recipe with every default written out, as `recipe.yaml` of a run keeps it. Reads back as the same recipe.
  public var resolved: JSONValue {
    var fields: JSONObject = ["name": .string(name), "seed": JSONValue(seed)]
    fields["policy"] = policy.json
    fields["environment"] = ["name": .string(environment.name), "options": .object(environment.options)]
    fields["warmup"] = warmUp?.json
    fields["rollout"] = rollout.json
    fields["algorithm"] = algorithm
    fields["optimizer"] = optimizer.json
    fields["training"] = training.json
    fields["evaluation"] = evaluation.json
    return .object(fields)
  }

  private var algorithm: JSONValue {
    [
      "estimator": .string(credit.estimator), "estimator_options": .object(credit.options),
      "ratio": .string(objective.ratioLevel.rawValue), "clip_low": .double(objective.clipLow ?? 0),
      "clip_high": .double(objective.clipHigh ?? 0), "aggregation": .string(objective.aggregation.rawValue),
      "constant_length": JSONValue(objective.constantLength),
      "entropy_coefficient": .double(objective.entropyCoefficient),
    ]
  }
}

extension PolicySource {
  var json: JSONValue {
    switch self {
    case .file(let path): ["path": .string(path)]
    case .random(let shape):
      [
        "random": [
          "layers": JSONValue(shape.layers), "width": JSONValue(shape.width), "heads": JSONValue(shape.heads),
          "key_value_heads": JSONValue(shape.keyValueHeads), "feed_forward_width": JSONValue(shape.feedForwardWidth),
          "context_length": JSONValue(shape.contextLength),
        ]
      ]
    }
  }
}

extension WarmUp {
  var json: JSONValue {
    var fields: JSONObject = [
      "episodes": JSONValue(episodes), "epochs": JSONValue(epochs), "batch_episodes": JSONValue(batchEpisodes),
      "learning_rate": .double(learningRate), "validate_every": JSONValue(validateEvery),
    ]
    fields["stop_at_success"] = stopAtSuccess.map(JSONValue.double)
    return .object(fields)
  }
}

extension RolloutSettings {
  var json: JSONValue {
    [
      "tasks_per_step": JSONValue(tasksPerStep), "group_size": JSONValue(groupSize),
      "temperature": .double(temperature), "top_k": JSONValue(topK), "top_p": .double(topP), "min_p": .double(minP),
      "max_turn_tokens": JSONValue(maxTurnTokens), "max_episode_tokens": JSONValue(maxEpisodeTokens),
    ]
  }
}

extension OptimizerSettings {
  var json: JSONValue {
    [
      "learning_rate": .double(learningRate), "ramp_steps": JSONValue(rampSteps),
      "final_fraction": .double(finalFraction), "beta1": .double(beta1), "beta2": .double(beta2),
      "epsilon": .double(epsilon), "weight_decay": .double(weightDecay), "gradient_clip": .double(gradientClip),
    ]
  }
}

extension TrainingSettings {
  var json: JSONValue {
    [
      "steps": JSONValue(steps), "epochs": JSONValue(epochs), "minibatches": JSONValue(minibatches),
      "microbatch_tokens": JSONValue(microbatchTokens), "checkpoint_every": JSONValue(checkpointEvery),
      "keep_checkpoints": JSONValue(keepCheckpoints), "threads": JSONValue(threads),
    ]
  }
}

extension EvaluationSettings {
  var json: JSONValue {
    [
      "split": .string(split.rawValue), "episodes": JSONValue(episodes), "temperature": .double(temperature),
      "every": JSONValue(every), "validation_episodes": JSONValue(validationEpisodes),
    ]
  }
}
