// SPDX-License-Identifier: Apache-2.0

/// One row of the volume table: something that can be backed up, or restored to.
package struct VolumeRecord: Sendable, Equatable {
    package var id: ResourceID
    package var status: VolumeStatus
    /// Absolute path of the image file or block device.
    package var source: String
    /// The number of the device that the path led to when somebody last looked; nil for a file.
    package var device: UInt64?
    /// What that device is. nil for a file, and for a device of which nothing but the number is known.
    package var identity: DeviceIdentity?
    /// Which file it was, `8:1:1234`, when the restore that waits or runs was taken in; nil for a device.
    package var restoreFile: String?
    /// True when the daemon made the file and may delete it.
    package var isOwned: Bool
    package var sizeBytes: Int64

    package var name: String?
    package var details: String?
    package var userMetadata: [String: String]
    /// Image metadata of Cinder's (`volume-glance-metadata`), kept so that they survive a round trip.
    package var imageMetadata: [String: String]
    package var isBootable: Bool
    package var encryptionKeyID: String?
    package var host: String?
    package var volumeType: String?
    package var availabilityZone: String?

    /// Why the last restore to this volume failed, and whether it had written anything by then.
    package var failReason: String?
    package var targetWritten: Bool?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp?

    package init(id: ResourceID, source: String, sizeBytes: Int64, isOwned: Bool, createdAt: Timestamp) {
        self.id = id
        self.source = source
        self.sizeBytes = sizeBytes
        self.isOwned = isOwned
        self.createdAt = createdAt
        status = .available
        userMetadata = [:]
        imageMetadata = [:]
        isBootable = false
    }

    /// Whether both are the same device: the identity decides, and the number where one has none.
    package func isSameDevice(as other: VolumeRecord) -> Bool {
        guard let device, let otherDevice = other.device else { return false }
        guard let identity, let otherIdentity = other.identity else { return device == otherDevice }
        return identity.isSame(as: otherIdentity)
    }

    /// Whole GiB, rounded up, at least 1.
    package var sizeGiB: Int { gibibytes(sizeBytes) }
}
