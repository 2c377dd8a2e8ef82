// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupService

struct AcceptedTypesTests {
    @Test(arguments: [
        (nil, "text/html", 1), ("*/*", "text/html", 1), ("text/html", "text/html", 1),
        ("text/html", "application/json", 0), ("text/*", "text/html", 1), ("text/*;q=0.3", "text/html", 0.3),
        ("TEXT/HTML ; Q=0.5", "text/html", 0.5), ("text/html;q=0", "text/html", 0),
        ("*/*;q=0.1, text/html;q=0, text/*", "text/html", 0), ("text/*;q=0.2,\ttext/plain", "text/html", 0.2),
        ("text/html;q=0.8 , */*;q=0.4", "application/json", 0.4),
        ("text/html; charset=utf-8;q=0.7, */*", "text/html", 0.7),
        ("", "text/html", 0), (",,", "text/html", 0), ("text", "text/html", 0), ("text/html;q=2", "text/html", 0),
        ("text/html;q=", "text/html", 0), ("text/html;q=nan", "text/html", 0), ("text/html;;q=0.6", "text/html", 0.6),
    ])
    func `the most specific range decides`(header: String?, type: String, expected: Double) {
        #expect(AcceptedTypes(header).quality(of: type) == expected, "\(header ?? "none")")
    }
}
