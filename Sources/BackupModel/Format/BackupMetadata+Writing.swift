// SPDX-License-Identifier: Apache-2.0

extension BackupMetadata {
    /// Writes the metadata object as a stream; `objects` calls its argument with each object, in volume order.
    package func write(
        to sink: @escaping PythonJSON.Sink, objects: (_ put: (StoredObject) throws -> Void) throws -> Void
    ) throws {
        var json = PythonJSON(sink: sink)
        json.member("backup_description", backupDescription)
        json.member("backup_id", backupID)
        json.member("backup_name", backupName)
        json.members("cinderblock", ownMembers)
        json.member("created_at", createdAt)
        json.beginArray("objects")
        try objects { object in try json.element { object.append(to: &$0) } }
        json.endArray()
        json.member("parent_id", parentID)
        if let sizeBytes { json.member("size_bytes", sizeBytes) }
        json.member("version", Self.version)
        json.member("volume_id", volumeID)
        json.member("volume_meta", volumeMeta)
        try json.finish()
    }

    /// What only we say, by the order of the keys.
    private var ownMembers: [(key: String, value: String)] {
        [("list_sha256", listDigest?.hex), ("writer", writer)].compactMap { key, value in value.map { (key, $0) } }
    }
}

extension StoredObject {
    fileprivate func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\n      ".utf8)
        appendJSONString(name, to: &bytes)
        bytes.append(contentsOf: ": {\n        \"compression\": ".utf8)
        appendJSONString(compression.name, to: &bytes)
        bytes.append(contentsOf: ",\n        \"length\": \(length)".utf8)
        bytes.append(contentsOf: ",\n        \"md5\": \"\(md5.hex)\"".utf8)
        bytes.append(contentsOf: ",\n        \"offset\": \(offset)".utf8)
        if let storedLength { bytes.append(contentsOf: ",\n        \"stored_length\": \(storedLength)".utf8) }
        bytes.append(contentsOf: "\n      }\n    }".utf8)
    }
}
