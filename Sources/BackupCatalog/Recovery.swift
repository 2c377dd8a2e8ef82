// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// What the daemon found at its start that an earlier run had left unfinished. The users' metadata are left out.
package struct Recovery: Sendable, Equatable {
    /// Backups whose job had begun, still `creating`: their objects must be removed, then `failBackup` ends them.
    package var interruptedBackups: [BackupRecord] = []
    /// Restores that had begun; they have ended, their volumes are `error_restoring`.
    package var interruptedRestores: [BackupRecord] = []
    /// Backups whose job (`creating`, `restoring` or `deleting`) has to run, in the order of the queue.
    package var waiting: [BackupRecord] = []
    /// Volumes that were busy without a job, and are no longer.
    package var releasedVolumes: [ResourceID] = []

    package init() {}
}
