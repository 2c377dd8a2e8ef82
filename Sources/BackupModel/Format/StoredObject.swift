// SPDX-License-Identifier: Apache-2.0

/// One data object as a backup's metadata list it. `length` is that of the unpacked bytes, and so is `md5`, but for backups
/// that Cinder made before Liberty: there it is that of the stored ones.
package struct StoredObject: Sendable, Equatable {
    package var name: String
    /// Bytes from the start of the volume.
    package var offset: Int64
    package var length: Int64
    package var compression: Compression
    package var md5: MD5Digest
    /// Bytes of the object itself: a key of ours. nil in a backup of Cinder's.
    package var storedLength: Int64?

    package init(
        name: String, offset: Int64, length: Int64, compression: Compression, md5: MD5Digest,
        storedLength: Int64? = nil
    ) {
        self.name = name
        self.offset = offset
        self.length = length
        self.compression = compression
        self.md5 = md5
        self.storedLength = storedLength
    }
}
