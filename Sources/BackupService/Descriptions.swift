// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

/// A backup as the API shows it.
package struct BackupDescription: Sendable {
    package let record: BackupRecord
    package let hasDependents: Bool
    package let progress: ProgressReport
}

/// How far a backup's job is, with what follows from it.
package struct ProgressReport: Sendable, Equatable {
    package var progress: JobProgress
    /// 0…100; 100 only when the backup is complete and durable.
    package var percent: Double
    package var bytesPerSecond: Double?
    package var etaSeconds: Double?
}

/// A volume as the API shows it.
package struct VolumeDescription: Sendable {
    package let record: VolumeRecord
    /// The status in the catalog, or `in-use` when the machine says so.
    package let status: VolumeStatus
}

/// The answer to a restore request.
package struct RestoreAnswer: Sendable, Equatable {
    package let backupID: ResourceID
    package let volumeID: ResourceID
    package let volumeName: String?
    /// What the restore will have to do without; nil when nothing is missing.
    package let warning: String?
}

/// A backup's record as it travels (`export_record`, `import_record`).
package struct ExportedRecord: Sendable, Equatable {
    package var service: String
    /// Base64 of a JSON object.
    package var url: String
}
