// SPDX-License-Identifier: Apache-2.0

/// What a sha256file says beside its digests. The list holds one digest per block of the whole volume, in
/// volume order; the last block is hashed at its real, possibly short, length.
package struct DigestList: Sendable, Equatable {
    package var backupID: String
    package var volumeID: String
    package var backupName: String?
    package var backupDescription: String?
    package var createdAt: String
    /// Bytes per block: the member that the format calls `chunk_size`.
    package var blockBytes: Int
}

extension DigestList {
    package init(describing metadata: BackupMetadata, blockBytes: Int) {
        backupID = metadata.backupID
        volumeID = metadata.volumeID
        backupName = metadata.backupName
        backupDescription = metadata.backupDescription
        createdAt = metadata.createdAt
        self.blockBytes = blockBytes
    }

    /// Reads a sha256file as a stream; `digest` gets each digest in order.
    /// - Throws: as `DigestListReader`, and what `digest` throws.
    package init(from json: JSONReader, digest: (SHA256Digest) throws -> Void) throws {
        let reader = try DigestListReader(json)
        while let next = try reader.next() { try digest(next) }
        self = try reader.finish()
    }

    /// Writes the sha256file as a stream; `digests` calls its argument with each digest.
    package func write(
        to sink: @escaping PythonJSON.Sink, digests: (_ put: (SHA256Digest) throws -> Void) throws -> Void
    ) throws {
        var json = PythonJSON(sink: sink)
        json.member("backup_description", backupDescription)
        json.member("backup_id", backupID)
        json.member("backup_name", backupName)
        json.member("chunk_size", Int64(blockBytes))
        json.member("created_at", createdAt)
        try json.arrayMember("sha256s") { json in
            try digests { digest in try json.element { digest.appendQuotedHex(to: &$0) } }
        }
        json.member("version", BackupMetadata.version)
        json.member("volume_id", volumeID)
        try json.finish()
    }
}

extension SHA256Digest {
    fileprivate func appendQuotedHex(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        withUnsafeBytes { digest in
            for byte in digest {
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
