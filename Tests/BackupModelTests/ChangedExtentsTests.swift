// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

struct ChangedExtentsTests {
    @Test(arguments: [
        ("no change", "AAAA", "AAAA", []),
        ("run to the end of the chunk", "AABB", "AAAA", [2..<4]),
        ("run from the start", "BBAA", "AAAA", [0..<2]),
        ("two runs", "BAAB", "AAAA", [0..<1, 3..<4]),
        ("every other block", "BABAB", "AAAAA", [0..<1, 2..<3, 4..<5]),
        ("all changed", "BBBB", "AAAA", [0..<4]),
        ("no parent is a full backup", "AAAA", "", [0..<4]),
        ("a parent that ends earlier", "AAAA", "AA", [2..<4]),
        ("a parent that goes on", "AA", "AAAA", []),
        ("nothing", "", "AAAA", []),
    ])
    func `finds maximal runs`(_ name: String, now: String, parent: String, expected: [Range<Int>]) {
        #expect(changedExtents(in: digests(now), since: digests(parent)) == expected, "\(name)")
    }

    /// One for each letter.
    private func digests(_ text: String) -> [SHA256Digest] {
        text.utf8.map { letter in
            [UInt8](repeating: letter, count: SHA256Digest.byteCount).withUnsafeBytes { SHA256Digest(bytes: $0) }
        }
    }
}
