import AgentCore

/// Puts an arithmetic problem into words.
enum ArithmeticStory {
  static func question(for problem: ArithmeticProblem, random: inout RandomStream) -> String {
    let hero = names[random.below(names.count)]
    var friend = names[random.below(names.count - 1)]
    if friend == hero { friend = names[names.count - 1] }
    let things = objects[random.below(objects.count)]
    func fill(_ template: String, _ a: Int, _ b: Int = 0) -> String {
      template.replacing("{hero}", with: hero).replacing("{friend}", with: friend)
        .replacing("{things}", with: things).replacing("{a}", with: "\(a)").replacing("{b}", with: "\(b)")
    }
    if problem.steps.count == 1, random.below(2) == 0 {
      let templates = single(problem.steps[0].operation)
      return fill(templates[random.below(templates.count)], problem.start, problem.steps[0].operand)
    }
    var sentences = [fill(openings[random.below(openings.count)], problem.start)]
    for step in problem.steps {
      let templates = next(step.operation)
      sentences.append(fill(templates[random.below(templates.count)], step.operand))
    }
    sentences.append(fill(questions[random.below(questions.count)], 0))
    return sentences.joined(separator: " ")
  }

  /// One sentence problems: `a` and `b` are the operands in their order.
  private static func single(_ operation: ArithmeticOperation) -> [String] {
    switch operation {
    case .add:
      [
        "{hero} has {a} {things} and {friend} has {b}. How many {things} do they have together?",
        "A shop sold {a} {things} on Monday and {b} on Tuesday. How many {things} did it sell in all?",
        "What is the sum of {a} and {b}?",
      ]
    case .subtract:
      [
        "Of {a} {things}, {b} were sold. How many {things} are left?",
        "{hero} has {a} {things} and {friend} has {b}. How many more {things} does {hero} have?",
        "What is {a} minus {b}?",
      ]
    case .multiply:
      [
        "A crate holds {a} {things}. How many {things} are in {b} crates?",
        "{hero} buys {a} bags with {b} {things} each. How many {things} is that?",
        "What is {a} times {b}?",
      ]
    case .divide:
      [
        "{hero} packs {a} {things} into boxes of {b}. How many boxes are filled?",
        "{a} {things} are shared equally among {b} people. How many {things} does each get?",
        "What is {a} divided by {b}?",
      ]
    }
  }

  /// Continuations of a story; `a` is the operand.
  private static func next(_ operation: ArithmeticOperation) -> [String] {
    switch operation {
    case .add:
      ["{friend} brings {a} more.", "Then {a} more arrive.", "{hero} finds another {a}."]
    case .subtract:
      ["{hero} gives {a} to {friend}.", "Then {a} are lost.", "{friend} takes {a} of them."]
    case .multiply:
      ["Then the number grows to {a} times what it was.", "{hero} trades them for {a} times as many."]
    case .divide:
      [
        "{hero} splits them into {a} equal piles and keeps one pile.",
        "They are shared equally by {a} people, {hero} being one.",
      ]
    }
  }

  private static let openings = [
    "{hero} has {a} {things}.", "There are {a} {things} in {hero}'s garage.",
    "{hero} starts the day with {a} {things}.",
  ]

  private static let questions = ["How many {things} does {hero} have now?", "How many {things} are left with {hero}?"]

  private static let names = [
    "Ada", "Ben", "Carla", "Dmitri", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Kofi", "Lena", "Mia", "Nadia",
    "Omar", "Priya", "Quentin", "Rosa", "Sam", "Tara",
  ]

  private static let objects = [
    "apples", "books", "candles", "coins", "cups", "eggs", "lamps", "marbles", "nails", "oranges", "pencils", "plates",
    "postcards", "ropes", "seeds", "shells", "stamps", "tickets", "tiles", "wheels",
  ]
}
