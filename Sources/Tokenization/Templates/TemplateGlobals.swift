/// The functions that every template can call, and the `loop` variable.
enum TemplateGlobals {
  /// As in Jinja's sandbox, which chat templates run in.
  private static let longestRange = 100_000

  static var functions: [String: TemplateValue] {
    var functions: [String: TemplateValue] = [:]
    for function in [range, namespace, dictionary, raiseException] { functions[function.name] = .function(function) }
    return functions
  }

  private static var raiseException: TemplateFunction {
    TemplateFunction(name: "raise_exception") { arguments throws(TemplateFailure) in
      throw .refusal(arguments.value(0, "message")?.printed ?? "no reason given")
    }
  }

  private static var namespace: TemplateFunction {
    TemplateFunction(name: "namespace") { arguments in
      .namespace(TemplateNamespace(TemplateDictionary(entries: arguments.named.map { ($0.name, $0.value) })))
    }
  }

  private static var dictionary: TemplateFunction {
    TemplateFunction(name: "dict") { arguments in
      .dictionary(TemplateDictionary(entries: arguments.named.map { ($0.name, $0.value) }))
    }
  }

  private static var range: TemplateFunction {
    TemplateFunction(name: "range") { arguments throws(TemplateFailure) in
      let numbers = arguments.positional.compactMap(\.index)
      guard numbers.count == arguments.positional.count, (1...3).contains(numbers.count) else {
        throw .reason("range takes one to three integers")
      }
      let (start, end) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
      let step = numbers.count == 3 ? numbers[2] : 1
      guard step != 0 else { throw .reason("range with a step of 0") }
      let values = stride(from: start, to: end, by: step)
      guard Double(end) - Double(start) <= Double(longestRange) * Double(abs(Double(step))),
        Double(start) - Double(end) <= Double(longestRange) * Double(abs(Double(step)))
      else { throw .reason("range is longer than \(longestRange)") }
      return .list(values.map { .integer($0) })
    }
  }

  /// `strftime_now(format)` at a fixed time.
  static func strftimeNow(secondsSince1970: Int64) -> TemplateValue {
    .function(
      TemplateFunction(name: "strftime_now") { arguments throws(TemplateFailure) in
        guard case .string(let format) = arguments.value(0, "format") else {
          throw .reason("strftime_now takes a format")
        }
        return .string(try CivilTime(secondsSince1970: secondsSince1970).formatted(format))
      })
  }

  static func loop(index: Int, of items: [TemplateValue]) -> TemplateValue {
    let count = items.count
    let cycle = TemplateFunction(name: "cycle") { arguments throws(TemplateFailure) in
      guard !arguments.positional.isEmpty else { throw .reason("loop.cycle without values") }
      return arguments.positional[index % arguments.positional.count]
    }
    return .dictionary(
      TemplateDictionary(entries: [
        ("index", .integer(index + 1)),
        ("index0", .integer(index)),
        ("revindex", .integer(count - index)),
        ("revindex0", .integer(count - index - 1)),
        ("first", .bool(index == 0)),
        ("last", .bool(index == count - 1)),
        ("length", .integer(count)),
        ("previtem", index > 0 ? items[index - 1] : .undefined("loop.previtem")),
        ("nextitem", index + 1 < count ? items[index + 1] : .undefined("loop.nextitem")),
        ("cycle", .function(cycle)),
      ]))
  }
}
