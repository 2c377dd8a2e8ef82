// SPDX-License-Identifier: Apache-2.0

/// Leaves long metadata out of what is read of many rows: each may have a mebibyte.
struct MetadataLimit {
    private let characters: Int
    private let names: [String]

    /// - Parameter columns: of metadata, which are JSON, in one row.
    init(_ characters: Int, columns names: [String]) {
        self.characters = characters
        self.names = names
    }

    /// True where they are longer together: an expression.
    var isExceeded: String { "\(names.map { "length(\($0))" }.joined(separator: " + ")) > \(characters)" }

    /// These columns, in their order; metadata that are too long are empty in them.
    func cutting(_ columns: [String]) -> [String] {
        columns.map { names.contains($0) ? "CASE WHEN \(isExceeded) THEN '{}' ELSE \($0) END" : $0 }
    }
}
