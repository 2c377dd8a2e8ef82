// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// A volume in a list.
package struct ListedVolume: Sendable, Equatable {
    package let record: VolumeRecord
    /// Whether the record is without its metadata, which were longer than asked for.
    package let isCut: Bool
}
