// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a client's path led to when the volume was registered.
package struct ResolvedSource: Sendable, Equatable {
    /// The resolved directory and the last component as it was named.
    package let path: String
    /// Device number of a block device; nil for a file.
    package let device: UInt64?
    /// What the device is, where more than its number is known.
    package var identity: DeviceIdentity?
    package let sizeBytes: Int64
}
