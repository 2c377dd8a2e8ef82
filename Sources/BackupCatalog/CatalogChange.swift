// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// What a transaction has done to a row.
package enum CatalogChange: Sendable, Equatable {
    /// A backup as it is now, and the status that it had before: nil for a new row, the same where something else has
    /// changed.
    case backup(BackupRecord, from: BackupStatus?)
    case volume(VolumeRecord, from: VolumeStatus?)
    case volumeRemoved(VolumeRecord)
}
