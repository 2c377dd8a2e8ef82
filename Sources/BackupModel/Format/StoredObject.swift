// SPDX-License-Identifier: Apache-2.0

/// One data object as a backup's metadata list it. `length` and `md5` are those of the unpacked bytes.
package struct StoredObject: Sendable, Equatable {
    package var name: String
    /// Bytes from the start of the volume.
    package var offset: Int64
    package var length: Int64
    package var compression: Compression
    package var md5: MD5Digest

    package init(name: String, offset: Int64, length: Int64, compression: Compression, md5: MD5Digest) {
        self.name = name
        self.offset = offset
        self.length = length
        self.compression = compression
        self.md5 = md5
    }
}
