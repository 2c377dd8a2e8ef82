// SPDX-License-Identifier: Apache-2.0

/// What a backup remembers of its volume: the JSON text in the metadata's `volume_meta`
/// (Cinder's BackupMetadataAPI; versions 1 and 2 are known, 2 is written).
package struct VolumeMeta: Sendable, Equatable {
    package var version: Int64
    package var name: String?
    package var details: String?
    /// Version 2 only.
    package var encryptionKeyID: String?
    /// nil where the backup says nothing of them: then the target keeps its own.
    package var userMetadata: [String: String]?
    package var imageMetadata: [String: String]?

    /// Characters that cannot be shown, or kept in a row, become U+FFFD.
    /// - Throws: `FormatError`.
    package init(parsing text: String) throws {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: Array(text.utf8), badText: .replaced)
        } catch let error as JSONError {
            throw FormatError.badMember("volume_meta", reason: error.description)
        }
        guard case .object = json else { throw FormatError.badMember("volume_meta", reason: "it is no JSON object") }
        guard let version = json[key: "version"] else { throw FormatError.missing(member: "volume_meta.version") }
        guard version == 1 || version == 2 else {
            throw FormatError.unsupportedVolumeMetaVersion(version.text)
        }
        let base = json[key: "volume-base-metadata"]
        self.version = version == 1 ? 1 : 2
        name = try Self.text(base, "display_name")
        details = try Self.text(base, "display_description")
        encryptionKeyID = version == 1 ? nil : try Self.text(base, "encryption_key_id")
        userMetadata = try Self.dictionary(json, "volume-metadata")
        imageMetadata = try Self.dictionary(json, "volume-glance-metadata")
    }

    private static func text(_ object: JSONValue?, _ key: String) throws -> String? {
        switch object?[key: key] {
        case nil, .null: nil
        case .string(let text): shown(text)
        case .some: throw FormatError.badMember("volume_meta", reason: "\(key) is no string")
        }
    }

    private static func dictionary(_ object: JSONValue, _ key: String) throws -> [String: String]? {
        guard let value = object[key: key], value != .null else { return nil }
        guard case .object(let members) = value else {
            throw FormatError.badMember("volume_meta", reason: "\(key) is no object")
        }
        var dictionary: [String: String] = [:]
        for member in members {
            switch member.value {
            case .string(let text): dictionary[shown(member.key)] = shown(text)
            case .array, .object: throw FormatError.badMember("volume_meta", reason: "\(key) holds no plain values")
            default: dictionary[shown(member.key)] = member.value.text
            }
        }
        return dictionary
    }

    private static func shown(_ text: String) -> String { text.replacing("\0", with: "\u{fffd}") }
}

extension VolumeMeta {
    /// The text that a backup of `volume` carries. Members that are empty are left out, as Cinder does.
    package static func text(describing volume: VolumeRecord) -> String {
        var members: [JSONValue.Member] = [
            .init("version", 2), .init("volume-base-metadata", baseMetadata(of: volume)),
        ]
        if !volume.userMetadata.isEmpty {
            members.append(.init("volume-metadata", JSONValue(volume.userMetadata)))
        }
        if !volume.imageMetadata.isEmpty {
            members.append(.init("volume-glance-metadata", JSONValue(volume.imageMetadata)))
        }
        return JSONValue.object(members).text
    }

    private static func baseMetadata(of volume: VolumeRecord) -> JSONValue {
        [
            "id": JSONValue(volume.id), "size": JSONValue(volume.sizeGiB), "status": "backing-up",
            "display_name": JSONValue(volume.name), "display_description": JSONValue(volume.details),
            "host": JSONValue(volume.host), "availability_zone": JSONValue(volume.availabilityZone),
            "bootable": .bool(volume.isBootable), "encryption_key_id": JSONValue(volume.encryptionKeyID),
            "created_at": .string(volume.createdAt.iso8601),
        ]
    }

    /// Applies what was saved to the volume that was restored. As in Cinder, the names are taken only when one
    /// was saved and the target has none, or one that an automatic restore gave it.
    package func apply(to volume: inout VolumeRecord) {
        let target = volume.name ?? ""
        if let name, !name.isEmpty, target.isEmpty || target.hasPrefix("restore_backup_") {
            volume.name = name
            volume.details = details
        }
        if version >= 2, let encryptionKeyID { volume.encryptionKeyID = encryptionKeyID }
        if let userMetadata { volume.userMetadata = userMetadata }
        if let imageMetadata {
            volume.imageMetadata = imageMetadata
            volume.isBootable = true
        }
    }
}
