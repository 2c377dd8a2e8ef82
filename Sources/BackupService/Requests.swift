// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a client wants backed up, checked in form but not yet against the catalog.
package struct BackupRequest: Sendable, Equatable {
    package var volumeID: ResourceID
    package var isIncremental = false
    /// Back up a volume that is in use.
    package var force = false
    package var name: String?
    package var details: String?
    package var container: String?
    package var userMetadata: [String: String] = [:]
    package var availabilityZone: String?

    package init(volumeID: ResourceID) { self.volumeID = volumeID }
}

/// A volume to create, empty or out of a backup.
package struct VolumeRequest: Sendable, Equatable {
    package var sizeGiB: Int
    /// The backup to restore into the new volume.
    package var backupID: ResourceID?
    package var traits = VolumeTraits()

    package init(sizeGiB: Int) { self.sizeGiB = sizeGiB }
}

/// A volume that exists and is to be registered.
package struct ManageRequest: Sendable, Equatable {
    /// Absolute path of an image file or block device.
    package var source: String
    /// The id the volume is to have, or nil for a new one.
    package var id: ResourceID?
    package var traits = VolumeTraits()

    package init(source: String) { self.source = source }
}

/// What a client may say of any new volume.
package struct VolumeTraits: Sendable, Equatable {
    package var name: String?
    package var details: String?
    package var userMetadata: [String: String] = [:]
    package var host: String?
    package var volumeType: String?
    package var availabilityZone: String?

    package init() {}
}

/// Where a backup is to be restored.
package struct RestoreRequest: Sendable, Equatable {
    /// An existing volume; nil for a new one.
    package var volumeID: ResourceID?
    /// The name of a new volume; nil for `restore_backup_ID`.
    package var name: String?

    package init() {}
}

/// A change of what a backup or volume is called; nil members stay as they are.
package struct DescriptionChange: Sendable, Equatable {
    package var name: String?
    package var details: String?
    package var userMetadata: [String: String]?

    package init() {}
}

/// A change of a backup; nil members stay as they are.
package struct BackupChange: Sendable, Equatable {
    package var description = DescriptionChange()
    /// Whether it is to be kept from deletion.
    package var isProtected: Bool?

    package init() {}
}
