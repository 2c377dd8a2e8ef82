// SPDX-License-Identifier: Apache-2.0

/// Writes a sha256file as a stream, a digest at a time, at the pace of whoever makes them.
package struct DigestListWriter {
    private let list: DigestList
    private var json: PythonJSON

    package init(_ list: DigestList, to sink: @escaping PythonJSON.Sink) {
        self.list = list
        json = PythonJSON(sink: sink)
        json.member("backup_description", list.backupDescription)
        json.member("backup_id", list.backupID)
        json.member("backup_name", list.backupName)
        json.member("chunk_size", Int64(list.blockBytes))
        json.member("created_at", list.createdAt)
        json.beginArray("sha256s")
    }

    package mutating func append(contentsOf digests: [SHA256Digest]) throws {
        for digest in digests { try json.element { digest.appendQuotedHex(to: &$0) } }
    }

    package mutating func finish() throws {
        json.endArray()
        json.member("version", BackupMetadata.version)
        json.member("volume_id", list.volumeID)
        try json.finish()
    }
}

extension SHA256Digest {
    fileprivate func appendQuotedHex(to bytes: inout [UInt8]) {
        var text = InlineArray<66, UInt8>(repeating: UInt8(ascii: "\""))
        withUnsafeBytes { digest in
            for index in 0..<Self.byteCount {
                text[2 * index + 1] = hexDigit(digest[index] >> 4)
                text[2 * index + 2] = hexDigit(digest[index] & 15)
            }
        }
        Swift.withUnsafeBytes(of: text) { bytes.append(contentsOf: $0) }
    }
}
