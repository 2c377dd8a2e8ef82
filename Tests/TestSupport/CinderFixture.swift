// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation

/// A repository that real Cinder wrote, and what must come of it (Tests/Fixtures/cinder-29/README).
package struct CinderFixture: Sendable, CustomStringConvertible {
    package struct Backup: Sendable {
        package let id: ResourceID
        /// Cinder's record, every member.
        package let record: JSONValue
        package let parentID: ResourceID?
        package let container: String
        package let prefix: String
        /// Length of the volume; nil where no backup was completed.
        package let restoredSize: Int64?
        /// nil: the backup must be refused.
        package let restoredSHA256: String?
        package let isDamaged: Bool

        package var mustRestore: Bool { restoredSHA256 != nil && !isDamaged }
    }

    package let name: String
    package let directory: String
    package let backups: [Backup]

    package var repository: String { directory + "/repo" }
    package var description: String { name }

    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/cinder-29").path

    package static func all() throws -> [CinderFixture] {
        try FileManager.default.contentsOfDirectory(atPath: root).sorted().compactMap { name in
            let directory = root + "/" + name
            guard FileManager.default.fileExists(atPath: directory + "/state.json") else { return nil }
            return try CinderFixture(name: name, directory: directory)
        }
    }

    private init(name: String, directory: String) throws {
        self.name = name
        self.directory = directory
        let state = try Self.json(directory + "/state.json")
        let expected = try Self.json(directory + "/expected.json")
        guard case .object(let records)? = state[key: "backups"] else {
            backups = []
            return
        }
        backups = records.compactMap { member in
            let record = member.value
            guard let id = ResourceID(member.key), let container = record.text("container"),
                let prefix = record.text("service_metadata")
            else { return nil }
            let outcome = expected[key: "backups"]?[key: member.key]
            var size: Int64?
            if case .integer(let value)? = outcome?[key: "restored_size"] { size = value }
            return Backup(
                id: id, record: record, parentID: record.text("parent_id").flatMap(ResourceID.init),
                container: container, prefix: prefix, restoredSize: size,
                restoredSHA256: outcome?.text("restored_sha256"), isDamaged: outcome?[key: "damaged"] == true)
        }
    }

    package static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    }
}

extension JSONValue {
    /// The text of a member; nil where there is none or it is no string.
    package func text(_ key: String) -> String? {
        guard case .string(let text)? = self[key: key] else { return nil }
        return text
    }

    package func integer(_ key: String) -> Int64? {
        guard case .integer(let value)? = self[key: key] else { return nil }
        return value
    }
}
