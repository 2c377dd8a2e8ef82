// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// Which catalog this is, which repository it belongs to, and how far the two have come together.
package struct CatalogIdentity: Sendable, Equatable {
    /// Made with the catalog. A copy of the state directory has the same.
    package var catalogID: ResourceID
    /// Grows by one per job. The repository keeps the same number: one that is ahead has seen jobs that this catalog has not.
    package var epoch: Int64
    /// nil until the first repository was taken.
    package var repositoryID: ResourceID?
    /// The catalog came back from an earlier state, and nobody has accepted that yet.
    package var isRolledBack: Bool
}
