// SPDX-License-Identifier: Apache-2.0

extension BackupMetadata {
    /// The longest `volume_meta` that is read into memory, in bytes.
    package static let volumeMetaLimit = 1 << 20

    /// Reads a metadata object as a stream; `object` gets each entry of its list, in list order.
    ///
    /// Accepts any JSON layout and unknown members. Only `version` and `objects` must be there. What is only for people to
    /// read is taken as far as it is text.
    /// - Throws: `JSONError`, `FormatError`, and what `object` throws.
    package init(from reader: JSONReader, object: (StoredObject) throws -> Void) throws {
        self.init(backupID: "", volumeID: "", createdAt: "")
        var version: String?
        var sawObjects = false
        try reader.object { key in
            switch key {
            case "version": version = try reader.string(limit: 256)
            case "objects":
                guard !sawObjects else { throw reader.fail("\"objects\" twice") }
                sawObjects = true
                try reader.array { try object(StoredObject(from: reader)) }
            case "backup_id": backupID = try reader.stringOrNull() ?? ""
            case "volume_id": volumeID = try reader.stringOrNull() ?? ""
            case "backup_name": backupName = try reader.stringOrSkip()
            case "backup_description": backupDescription = try reader.stringOrSkip()
            case "created_at": createdAt = try reader.stringOrSkip() ?? "None"
            case "parent_id": parentID = try reader.stringOrNull()
            case "volume_meta": volumeMeta = try reader.stringOrNull(limit: Self.volumeMetaLimit)
            case "size_bytes": sizeBytes = try reader.peek() == .null ? reader.null() : reader.integer()
            case "cinderblock": try readOwnMembers(from: reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard let version else { throw FormatError.missing(member: "version") }
        guard version == Self.version else { throw FormatError.unsupportedVersion(version) }
        guard sawObjects else { throw FormatError.missing(member: "objects") }
        if let sizeBytes, !(0...StoredObject.endLimit).contains(sizeBytes) {
            throw FormatError.badMember("size_bytes", reason: "\(sizeBytes) is out of bounds")
        }
    }
}

extension BackupMetadata {
    /// Reads the members that only we write. What is not understood there is passed over: it may be of a later release, and a
    /// restore can do without.
    private mutating func readOwnMembers(from reader: JSONReader) throws {
        guard try reader.peek() == .object else { return try reader.skipValue() }
        try reader.object { key in
            switch key {
            case "list_sha256": listDigest = try reader.stringOrSkip().flatMap { SHA256Digest(hex: $0) }
            case "writer": writer = try reader.stringOrSkip()
            default: try reader.skipValue()
            }
        }
    }

    /// Reads no further than to the list of objects, where the members of ours have come by then: `listDigest`, or nil.
    /// - Throws: `JSONError`.
    package static func listDigest(from reader: JSONReader) throws -> SHA256Digest? {
        var head = BackupMetadata(backupID: "", volumeID: "", createdAt: "")
        try reader.beginObject()
        while let key = try reader.nextKey(), key != "objects" {
            if key == "cinderblock" { try head.readOwnMembers(from: reader) } else { try reader.skipValue() }
        }
        return head.listDigest
    }
}

extension JSONReader {
    /// The next value where it is a string; nil for any other, which is passed over.
    fileprivate func stringOrSkip() throws -> String? {
        guard try peek() == .string else {
            try skipValue()
            return nil
        }
        return try string()
    }

    /// The same for a whole number that is the length of something.
    fileprivate func lengthOrSkip() throws -> Int64? {
        guard try peek() == .number else {
            try skipValue()
            return nil
        }
        return Int64(try numberText()).flatMap { (0...StoredObject.endLimit).contains($0) ? $0 : nil }
    }
}

extension StoredObject {
    /// No volume is larger (8 EiB less one byte is the limit of a file offset; this leaves room for sums).
    package static let endLimit: Int64 = 1 << 61

    /// Reads `{NAME: {"compression": …, "length": …, "md5": …, "offset": …, "stored_length": …}}`: exactly one name.
    fileprivate init(from reader: JSONReader) throws {
        var found: StoredObject?
        try reader.object { name in
            guard found == nil else { throw reader.fail("an entry with more than one object name") }
            found = try StoredObject(named: name, from: reader)
        }
        guard let found else { throw reader.fail("an entry without an object name") }
        self = found
    }

    private init(named name: String, from reader: JSONReader) throws {
        func bad(_ reason: String) -> FormatError { .badObject(name: name, reason: reason) }
        var offset: Int64?
        var length: Int64?
        var compression: String?
        var md5: String?
        var storedLength: Int64?
        do {
            try reader.object { key in
                switch key {
                case "offset": offset = try reader.integer()
                case "length": length = try reader.integer()
                case "compression": compression = try reader.string(limit: 256)
                case "md5": md5 = try reader.string(limit: 256)
                case "stored_length": storedLength = try reader.lengthOrSkip()
                default: try reader.skipValue()
                }
            }
        } catch let error as JSONError {
            throw bad(error.description)
        }
        guard let offset else { throw bad("\"offset\" is missing") }
        guard let length else { throw bad("\"length\" is missing") }
        guard let compression else { throw bad("\"compression\" is missing") }
        guard let md5 else { throw bad("\"md5\" is missing") }
        guard (0...Self.endLimit).contains(offset) else { throw bad("offset \(offset) is out of bounds") }
        guard (0...Self.endLimit - offset).contains(length) else { throw bad("length \(length) is out of bounds") }
        if let storedLength, !(0...Self.endLimit).contains(storedLength) {
            throw bad("stored_length \(storedLength) is out of bounds")
        }
        guard let algorithm = Compression(named: compression) else {
            throw bad("unsupported compression algorithm: \(compression)")
        }
        guard let digest = MD5Digest(hex: md5) else { throw bad("\"md5\" is not an MD5") }
        self.init(
            name: name, offset: offset, length: length, compression: algorithm, md5: digest, storedLength: storedLength)
    }
}
