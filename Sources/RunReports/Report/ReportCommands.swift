/// The end of a report: how to do it again and how to look further.
struct ReportCommands {
  let record: RunRecord
  /// An episode to show as an example.
  let episode: String?

  var html: HTML {
    let folder = record.folder
    var lines: [(String, String)] = []
    if record.recipe != nil {
      lines.append(("the same run again, seed included", "agentrl train \(quoted(folder.recipe))"))
    }
    let checkpoint = folder.checkpointNames.last.map { "\(folder.checkpoints)/\($0)" }
    if !record.isFinished, checkpoint != nil {
      lines.append(
        ("go on from the last checkpoint", "agentrl train \(quoted(folder.recipe)) --resume \(quoted(folder.path))"))
    }
    if let episode {
      lines += [
        ("an episode in full", "agentenv trajectories show \(quoted(episode)) --store \(quoted(folder.trajectories))"),
        (
          "re-run what was recorded and compare",
          "agentenv replay --all --verify --store \(quoted(folder.trajectories))"
        ),
      ]
    }
    if let checkpoint { lines.append(("talk to the policy", "agentrl chat --policy \(quoted(checkpoint))")) }
    lines += [
      ("curves in TensorBoard", "tensorboard --logdir \(quoted(folder.path))"),
      ("this page anew", "agentrl report \(quoted(folder.path))"),
    ]
    let text = lines.map { "<span class=\"note\"># \($0.0)</span>\n\($0.1)" as HTML }
    return """
      <section><h2>Do it again, look further</h2><p>Paths are as they were when this page was written.</p>\
      <pre>\(HTML(text, separator: "\n"))</pre></section>
      """
  }

  /// The text as one word of a shell.
  private func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
    if plain, !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
