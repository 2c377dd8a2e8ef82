// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// A backup in a list, with what takes a second look at the table.
package struct ListedBackup: Sendable, Equatable {
    package let record: BackupRecord
    /// How many backups stand on the data of this one.
    package let childCount: Int

    package var hasDependents: Bool { childCount > 0 }
}
