// SPDX-License-Identifier: Apache-2.0

/// A moment in UTC, exact to the microsecond as Cinder's database keeps it.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// `2026-11-23T01:03:13.957894`: the API's form, UTC without a zone, the fraction left out when zero.
    package var iso8601: String { date + "T" + time + fraction }

    /// `2026-11-23 00:56:11+00:00`: the form of `created_at` in a backup's metadata (Python's `str(datetime)`).
    package var metadataText: String { date + " " + time + fraction + "+00:00" }

    /// `20261123005612`: the form inside object name prefixes, whole seconds.
    package var compact: String { (date + time).filter(\.isNumber) }

    /// Reads any of the forms above save the compact one, with `Z`, `+hh:mm` or no zone (meaning UTC).
    package init?(_ text: String) {
        var rest = Substring(text)
        func number(_ digits: Int) -> Int64? {
            let field = rest.prefix(digits)
            guard field.count == digits, field.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return Int64(field)
        }
        func skip(_ separators: String) -> Bool {
            guard let first = rest.first, separators.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2),
            skip("T "), let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction: Int64 = 0
        if skip(".") {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, digits.count <= 9 else { return nil }
            fraction = Int64((digits + "000000").prefix(6)) ?? 0
            rest = rest.dropFirst(digits.count)
        }
        var zoneMinutes: Int64 = 0
        if let sign = rest.first, sign == "+" || sign == "-" {
            rest = rest.dropFirst()
            guard let hours = number(2) else { return nil }
            _ = skip(":")
            guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
            zoneMinutes = (hours * 60 + minutes) * (sign == "-" ? -1 : 1)
        } else {
            _ = skip("Z")
        }
        guard rest.isEmpty else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        guard civilDate(daysSinceEpoch: days).month == month else { return nil }  // no 31st there
        let seconds = ((days * 24 + hour) * 60 + minute - zoneMinutes) * 60 + second
        microseconds = seconds * 1_000_000 + fraction
    }

    private var seconds: Int64 { microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0) }
    private var microsecond: Int64 { ((microseconds % 1_000_000) + 1_000_000) % 1_000_000 }

    private var date: String {
        let (year, month, day) = civilDate(daysSinceEpoch: (seconds - secondOfDay) / 86400)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    private var secondOfDay: Int64 { ((seconds % 86400) + 86400) % 86400 }

    private var time: String {
        "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
    }

    private var fraction: String { microsecond == 0 ? "" : "." + padded(microsecond, 6) }
}

package func padded(_ value: some BinaryInteger, _ digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

// Civil dates in the proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March.

private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}
