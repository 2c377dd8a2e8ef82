// SPDX-License-Identifier: Apache-2.0

/// The names of one backup's objects, all of which begin with its prefix.
///
/// The prefix is data: it is taken from the record and never computed for a backup that exists, for it has
/// changed over the years.
package struct ObjectNames: Sendable, Equatable {
    package let prefix: String

    package init(prefix: String) { self.prefix = prefix }

    /// The prefix for a new backup in a directory: `volume_VOLID_TS_backup_ID`.
    package init(volumeID: ResourceID, backupID: ResourceID, at time: Timestamp) {
        prefix = "volume_\(volumeID)_\(time.compact)_backup_\(backupID)"
    }

    private static let metadataSuffix = "_metadata"

    package var metadata: String { prefix + Self.metadataSuffix }
    package var sha256file: String { prefix + "_sha256file" }

    /// The data object with this number (from 1): at least five digits, more where they are needed.
    package func data(_ number: Int64) -> String { prefix + "-" + padded(number, 5) }

    /// The number of a data object of exactly this backup; nil for every other name, also for one that merely
    /// begins with the prefix.
    package func number(of name: String) -> Int64? {
        let name = name.utf8
        let prefix = self.prefix.utf8
        guard name.count >= prefix.count + 6, name.starts(with: prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        guard rest.first == UInt8(ascii: "-") else { return nil }
        let digits = rest.dropFirst()
        guard digits.count <= 18, digits.allSatisfy({ (48...57).contains($0) }),
            digits.count == 5 || digits.first != UInt8(ascii: "0"),
            let number = Int64(String(decoding: digits, as: UTF8.self)), number > 0
        else { return nil }
        return number
    }

    /// Whether `name` is a data object, the metadata or the sha256file of exactly this backup.
    package func isOwn(_ name: String) -> Bool {
        name == metadata || name == sha256file || number(of: name) != nil
    }

    /// The prefix of the backup whose metadata object has this name; nil for every other name.
    package static func prefix(ofMetadata name: String) -> String? {
        guard name.utf8.count > metadataSuffix.utf8.count, name.hasSuffix(metadataSuffix) else { return nil }
        return String(name.dropLast(metadataSuffix.count))
    }
}
