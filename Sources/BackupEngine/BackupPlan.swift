// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a backup is to be: everything that is decided before the first byte is read.
package struct BackupPlan: Sendable {
    package var container: String
    package var names: ObjectNames
    package var compression: Compression
    /// Bytes per read: a multiple of `blockBytes`.
    package var chunkBytes: Int
    package var blockBytes: Int
    /// What the metadata object will say, save `volumeMeta` and `sizeBytes`.
    package var metadata: BackupMetadata

    package init(
        container: String, names: ObjectNames, compression: Compression, chunkBytes: Int, blockBytes: Int,
        metadata: BackupMetadata
    ) {
        precondition(blockBytes > 0 && chunkBytes > 0 && chunkBytes % blockBytes == 0)
        self.container = container
        self.names = names
        self.compression = compression
        self.chunkBytes = chunkBytes
        self.blockBytes = blockBytes
        self.metadata = metadata
    }

    /// Memory to read a chunk into.
    var chunkMemoryBytes: Int { chunkBytes + VolumeReader.slackBytes }

    /// The container of a backup for which nobody has chosen one: `ID[0:2]/ID[2:4]/ID`.
    package static func defaultContainer(of id: ResourceID) -> String {
        "\(id.text.prefix(2))/\(id.text.dropFirst(2).prefix(2))/\(id.text)"
    }

    /// The largest multiple of `blockBytes` that is no longer than `chunkBytes`, but at least one block.
    package static func chunk(of chunkBytes: Int, blocks blockBytes: Int) -> Int {
        max(blockBytes, chunkBytes / blockBytes * blockBytes)
    }
}

/// What a backup has become.
package struct BackupOutcome: Sendable, Equatable {
    /// Data objects.
    package var objectCount: Int64 = 0
    /// Bytes of the data objects as stored.
    package var storedBytes: Int64 = 0
    /// Exact length of the volume.
    package var sizeBytes: Int64 = 0
}
