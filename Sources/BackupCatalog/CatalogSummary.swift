// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// The catalog in numbers, for monitoring.
package struct CatalogSummary: Sendable, Equatable {
    /// How many backups have each status; `deleted` is left out.
    package var backups: [BackupStatus: Int] = [:]
    /// How many backups were found to be damaged; deleted ones are left out.
    package var damagedBackups = 0
    /// By the time of their registration.
    package var volumes: [VolumeSummary] = []

    package init() {}
}

/// How well one registered volume is backed up.
package struct VolumeSummary: Sendable, Equatable {
    package var id: ResourceID
    package var name: String?
    /// When it was registered here.
    package var createdAt: Timestamp
    /// When a job last began to back it up, whatever became of that; never in the future.
    package var lastAttempt: Timestamp?
    /// The backup that was made last, among those that are complete and still there. One that was completed in the
    /// future, as the clock was wrong, is passed over.
    package var lastSuccess: Success?

    package struct Success: Sendable, Equatable {
        package var endedAt: Timestamp
        /// nil for what was made elsewhere, or before jobs were timed, or while the clock was put back.
        package var begunAt: Timestamp?
        /// Length of the volume.
        package var sizeBytes: Int64?
        package var storedBytes: Int64?
    }
}
