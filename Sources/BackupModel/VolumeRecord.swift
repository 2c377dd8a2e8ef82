// SPDX-License-Identifier: Apache-2.0

/// One row of the volume table: something that can be backed up, or restored to.
package struct VolumeRecord: Sendable, Equatable {
    package var id: ResourceID
    package var status: VolumeStatus
    /// Absolute path of the image file or block device.
    package var source: String
    /// The device number a path led to when it was registered; nil for a file. From then on the device is
    /// known by this number: the link may come to point elsewhere.
    package var device: UInt64?
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

    /// Whole GiB, rounded up, at least 1.
    package var sizeGiB: Int { gibibytes(sizeBytes) }
}
