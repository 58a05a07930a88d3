/// A UTC date and time of the Gregorian calendar, for templates that print today's date.
struct CivilTime {
  private let year: Int64
  private let month: Int
  private let day: Int
  private let secondOfDay: Int
  /// 0 is Sunday.
  private let weekday: Int

  init(secondsSince1970: Int64) {
    let days = Self.floorDivide(secondsSince1970, 86_400)
    secondOfDay = Int(secondsSince1970 - days * 86_400)
    weekday = Int(((days + 4) % 7 + 7) % 7)
    // Days since 1 March of year 0, in eras of 400 years.
    let shifted = days + 719_468
    let era = Self.floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value / divisor - (value % divisor < 0 ? 1 : 0)
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  /// `strftime` in the C locale, the directives that dates in prompts use.
  func formatted(_ format: String) throws(TemplateFailure) -> String {
    var result = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard let directive = scalars.next(), let text = text(of: directive) else {
        throw .reason("strftime_now does not know every directive of \"\(format)\"")
      }
      result += text
    }
    return result
  }

  private func text(of directive: Unicode.Scalar) -> String? {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    switch directive {
    case "Y": return String(year)
    case "y": return two(Int(year % 100))
    case "m": return two(month)
    case "d": return two(day)
    case "e": return day < 10 ? " \(day)" : String(day)
    case "B": return Self.months[month - 1]
    case "b", "h": return String(Self.months[month - 1].prefix(3))
    case "A": return Self.weekdays[weekday]
    case "a": return String(Self.weekdays[weekday].prefix(3))
    case "H": return two(secondOfDay / 3600)
    case "I": return two((secondOfDay / 3600 + 11) % 12 + 1)
    case "p": return secondOfDay < 43_200 ? "AM" : "PM"
    case "M": return two(secondOfDay / 60 % 60)
    case "S": return two(secondOfDay % 60)
    case "F": return "\(year)-\(two(month))-\(two(day))"
    case "T": return "\(two(secondOfDay / 3600)):\(two(secondOfDay / 60 % 60)):\(two(secondOfDay % 60))"
    case "Z": return "UTC"
    case "%": return "%"
    default: return nil
    }
  }
}
