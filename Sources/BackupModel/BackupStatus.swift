// SPDX-License-Identifier: Apache-2.0

/// Where a backup is in its life (docs/architecture.md, "States"). The names are Cinder's.
package enum BackupStatus: String, Sendable, Codable, CaseIterable {
    case creating
    case available
    case restoring
    case deleting
    case deleted
    case error
    case errorDeleting = "error_deleting"
}

/// Where a volume is. `in-use` is never stored: it is found out from the machine when somebody asks.
package enum VolumeStatus: String, Sendable, Codable, CaseIterable {
    case available
    case inUse = "in-use"
    case backingUp = "backing-up"
    case restoringBackup = "restoring-backup"
    case errorRestoring = "error_restoring"
    case error
}
