// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// A backup in a list, with what takes a second look at the table.
package struct ListedBackup: Sendable, Equatable {
    package let record: BackupRecord
    /// The backups that need this one: its children that are neither deleted nor in `error`.
    package let childCount: Int

    package var hasDependents: Bool { childCount > 0 }
}
