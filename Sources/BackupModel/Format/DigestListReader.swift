// SPDX-License-Identifier: Apache-2.0

/// Reads a sha256file as a stream, a digest at a time, at the pace of whoever needs them.
package final class DigestListReader {
    private let json: JSONReader
    private var list = DigestList(backupID: "", volumeID: "", createdAt: "", blockBytes: 0)
    private var version: String?
    private var sawDigests = false
    private var isAmongDigests = false

    /// Reads what stands before the digests.
    /// - Throws: `JSONError`, `FormatError`, also when there are no digests.
    package init(_ json: JSONReader) throws {
        self.json = json
        try json.beginObject()
        try readMembers()
        guard sawDigests else { throw FormatError.missing(member: "sha256s") }
    }

    /// nil while it is not known: drivers write it before the digests, but the members of JSON have no order.
    package var blockBytes: Int? { list.blockBytes > 0 ? list.blockBytes : nil }

    /// The next digest in the order of the volume; nil when there are no more.
    package func next() throws -> SHA256Digest? {
        guard isAmongDigests else { return nil }
        isAmongDigests = try json.nextElement()
        return isAmongDigests ? try json.sha256() : nil
    }

    /// Reads what stands behind the digests.
    /// - Precondition: `next` has answered nil.
    package func finish() throws -> DigestList {
        precondition(!isAmongDigests)
        try readMembers()
        try json.finish()
        guard let version else { throw FormatError.missing(member: "version") }
        guard version == BackupMetadata.version else { throw FormatError.unsupportedVersion(version) }
        guard list.blockBytes > 0 else { throw FormatError.missing(member: "chunk_size") }
        return list
    }

    /// To the first digest, or to the end.
    private func readMembers() throws {
        while let key = try json.nextKey() {
            switch key {
            case "version": version = try json.string(limit: 256)
            case "chunk_size": list.blockBytes = try chunkSize()
            case "sha256s":
                guard !sawDigests else { throw json.fail("\"sha256s\" twice") }
                sawDigests = true
                isAmongDigests = true
                return try json.beginArray()
            case "backup_id": list.backupID = try json.stringOrNull() ?? ""
            case "volume_id": list.volumeID = try json.stringOrNull() ?? ""
            default: try json.skipValue()
            }
        }
    }

    private func chunkSize() throws -> Int {
        guard list.blockBytes == 0 else { throw json.fail("\"chunk_size\" twice") }
        let size = try json.integer()
        guard (1...Int64(Int32.max)).contains(size) else {
            throw FormatError.badMember("chunk_size", reason: "\(size) is out of bounds")
        }
        return Int(size)
    }
}
