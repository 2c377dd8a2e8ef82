// SPDX-License-Identifier: Apache-2.0

/// Whether someone beside the daemon uses a volume.
package enum VolumeUsage: Sendable, Equatable {
    case free
    /// `mounted on /mnt/x`, `held by dm-3`, `attached to /dev/loop0`, `locked by another process`, `used as swap`
    case inUse(reason: String)

    static let locked = "locked by another process"
}
