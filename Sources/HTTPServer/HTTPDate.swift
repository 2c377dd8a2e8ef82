// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
enum HTTPDate {
    static func now() -> String { text(secondsSince1970: time(nil)) }

    /// By hand, because strftime(3) writes names in the language of the process.
    static func text(secondsSince1970 seconds: Int) -> String {
        var clock = seconds
        var parts = tm()
        guard gmtime_r(&clock, &parts) != nil else { return text(secondsSince1970: 0) }
        let day = "\(name(days, parts.tm_wday)), \(padded(parts.tm_mday)) \(name(months, parts.tm_mon))"
        let time = "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
        return "\(day) \(parts.tm_year + 1900) \(time) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func name(_ names: [String], _ index: Int32) -> String { names[Int(index)] }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
