import AgentCore

/// A function over a list of whole numbers: keep some, change each, bring them together. It can say itself in English
/// and in Python, and compute its own results, so that tests need no Python to be made.
struct ListFunction: Sendable, Hashable {
  enum Selection: Hashable { case all, even, odd, positive, negative, above(Int), multiples(Int) }
  enum Change: Hashable { case none, square, absolute, plus(Int), times(Int) }
  enum Result: Int, CaseIterable { case sum, count, largest, smallest, list, sortedList }

  var selection: Selection
  var change: Change
  var result: Result

  init(random: inout RandomStream) {
    // From 3: the multiples of 2 are the even numbers already.
    let number = 3 + random.below(7)
    let selections: [Selection] = [.all, .even, .odd, .positive, .negative, .above(number), .multiples(number)]
    selection = selections[random.below(selections.count)]
    let amount = 2 + random.below(8)
    let changes: [Change] = [.none, .square, .absolute, .plus(amount), .times(amount)]
    change = changes[random.below(changes.count)]
    result = Result.allCases[random.below(Result.allCases.count)]
  }

  /// Three numbers that no other function has.
  var coordinates: [Int] {
    let first =
      switch selection {
      case .all: 0
      case .even: 1
      case .odd: 2
      case .positive: 3
      case .negative: 4
      case .above(let number): 100 + number
      case .multiples(let number): 200 + number
      }
    let second =
      switch change {
      case .none: 0
      case .square: 1
      case .absolute: 2
      case .plus(let number): 100 + number
      case .times(let number): 200 + number
      }
    return [first, second, result.rawValue]
  }

  /// How many of the three steps do something.
  var steps: Int { (selection == .all ? 0 : 1) + (change == .none ? 0 : 1) + 1 }
}

// MARK: - Results

extension ListFunction {
  /// The result as a Python literal.
  func expected(for values: [Int]) -> String {
    let changed = values.filter(isKept).map(changed)
    return switch result {
    case .sum: "\(changed.reduce(0, +))"
    case .count: "\(changed.count)"
    case .largest: "\(changed.max() ?? 0)"
    case .smallest: "\(changed.min() ?? 0)"
    case .list: "\(changed)"
    case .sortedList: "\(changed.sorted())"
    }
  }

  private func isKept(_ value: Int) -> Bool {
    switch selection {
    case .all: true
    case .even: value.isMultiple(of: 2)
    case .odd: !value.isMultiple(of: 2)
    case .positive: value > 0
    case .negative: value < 0
    case .above(let number): value > number
    case .multiples(let number): value.isMultiple(of: number)
    }
  }

  private func changed(_ value: Int) -> Int {
    switch change {
    case .none: value
    case .square: value * value
    case .absolute: abs(value)
    case .plus(let number): value + number
    case .times(let number): value * number
    }
  }
}

// MARK: - Words

extension ListFunction {
  /// What the function does, in English: `takes the even numbers of …`.
  var description: String {
    let kept =
      switch selection {
      case .all: "all numbers"
      case .even: "the even numbers"
      case .odd: "the odd numbers"
      case .positive: "the positive numbers"
      case .negative: "the negative numbers"
      case .above(let number): "the numbers above \(number)"
      case .multiples(let number): "the multiples of \(number)"
      }
    let changed =
      switch change {
      case .none: ""
      case .square: ", squares each"
      case .absolute: ", takes the absolute value of each"
      case .plus(let number): ", adds \(number) to each"
      case .times(let number): ", multiplies each by \(number)"
      }
    let returned =
      switch result {
      case .sum: "their sum"
      case .count: "how many there are"
      case .largest: "the largest, or 0 if there is none"
      case .smallest: "the smallest, or 0 if there is none"
      case .list: "them as a list in the same order"
      case .sortedList: "them as a list from the smallest to the largest"
      }
    return "takes \(kept) of the list `values`\(changed), and returns \(returned)"
  }

  /// The function in Python.
  var source: String {
    let condition: String? =
      switch selection {
      case .all: nil
      case .even: "v % 2 == 0"
      case .odd: "v % 2 == 1"
      case .positive: "v > 0"
      case .negative: "v < 0"
      case .above(let number): "v > \(number)"
      case .multiples(let number): "v % \(number) == 0"
      }
    let element =
      switch change {
      case .none: "v"
      case .square: "v * v"
      case .absolute: "abs(v)"
      case .plus(let number): "v + \(number)"
      case .times(let number): "v * \(number)"
      }
    let list = "[\(element) for v in values\(condition.map { " if \($0)" } ?? "")]"
    let body =
      switch result {
      case .sum: "sum(\(list))"
      case .count: "len(\(list))"
      case .largest: "max(\(list), default=0)"
      case .smallest: "min(\(list), default=0)"
      case .list: list
      case .sortedList: "sorted(\(list))"
      }
    return "def solve(values):\n    return \(body)\n"
  }
}
