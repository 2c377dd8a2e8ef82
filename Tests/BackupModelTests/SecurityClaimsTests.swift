// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// docs/security.md says of every defence where it is tested.
struct SecurityClaimsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test func `every test that is named is there, and every defence names one`() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/security.md"), encoding: .utf8)
        let start = try #require(page.range(of: "| attack | defence | tests |")).upperBound
        let rows = page[start...].split(separator: "\n").dropFirst().prefix { $0.hasPrefix("|") }
        #expect(rows.count > 10)
        for row in rows {
            let cells = row.split(separator: "|")
            let names = (cells.last ?? "").matches(of: #/`([^` ]+/[^` ]+)`/#).map { String($0.1) }
            #expect(cells.count == 3 && !names.isEmpty, "\(row)")
            for name in names {
                let path = Self.root.appending(path: name).path
                #expect(FileManager.default.fileExists(atPath: path), "\(name) is not there")
            }
        }
    }
}
