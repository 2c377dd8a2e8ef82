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

    package init(describing metadata: BackupMetadata, blockBytes: Int) {
        backupID = metadata.backupID
        volumeID = metadata.volumeID
        backupName = metadata.backupName
        backupDescription = metadata.backupDescription
        createdAt = metadata.createdAt
        self.blockBytes = blockBytes
    }

    /// Reads a sha256file as a stream; `digest` gets each digest in order. The block size may come after them.
    /// - Throws: `JSONError`, `FormatError`, and what `digest` throws.
    package init(from reader: JSONReader, digest: (SHA256Digest) throws -> Void) throws {
        backupID = ""
        volumeID = ""
        createdAt = ""
        blockBytes = 0
        var version: String?
        var sawDigests = false
        try reader.object { key in
            switch key {
            case "version": version = try reader.string(limit: 256)
            case "chunk_size":
                let size = try reader.integer()
                guard (1...Int64(Int32.max)).contains(size) else {
                    throw FormatError.badMember("chunk_size", reason: "\(size) is out of bounds")
                }
                blockBytes = Int(size)
            case "sha256s":
                guard !sawDigests else { throw reader.fail("\"sha256s\" twice") }
                sawDigests = true
                try reader.array { try digest(reader.sha256()) }
            case "backup_id": backupID = try reader.stringOrNull() ?? ""
            case "volume_id": volumeID = try reader.stringOrNull() ?? ""
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard let version else { throw FormatError.missing(member: "version") }
        guard version == BackupMetadata.version else { throw FormatError.unsupportedVersion(version) }
        guard blockBytes > 0 else { throw FormatError.missing(member: "chunk_size") }
        guard sawDigests else { throw FormatError.missing(member: "sha256s") }
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
