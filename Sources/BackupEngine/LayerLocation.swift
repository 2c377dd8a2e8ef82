// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Where a backup of a chain is found, and what its record says that its metadata must not contradict.
package struct LayerLocation: Sendable, Equatable {
    package let backupID: ResourceID
    /// nil for a full backup, and where nobody knows.
    package let parentID: ResourceID?
    package let container: String
    package let names: ObjectNames

    package init(backupID: ResourceID, parentID: ResourceID? = nil, container: String, names: ObjectNames) {
        self.backupID = backupID
        self.parentID = parentID
        self.container = container
        self.names = names
    }

    /// Until 2017 Cinder's drivers gave all objects the same names, and in a container that somebody had chosen a backup took
    /// the place of the last one, whose record stayed.
    /// - Throws: `EngineError.recordDisagrees` when the metadata are those of another backup, or of a child of another.
    func check(_ metadata: BackupMetadata) throws {
        func compare(_ member: String, _ found: String?, _ recorded: ResourceID?) throws {
            guard let found, !found.isEmpty, let recorded, found.lowercased() != recorded.text else { return }
            throw EngineError.recordDisagrees(
                name: names.metadata, member: member, found: found, recorded: recorded.text)
        }
        try compare("backup_id", metadata.backupID, backupID)
        try compare("parent_id", metadata.parentID, parentID)
    }
}
