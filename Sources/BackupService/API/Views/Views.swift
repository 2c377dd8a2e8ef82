// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension RestoreAnswer {
    static let form = ObjectView<RestoreAnswer>([
        ViewMember("backup_id", .uuid) { JSONValue($0.backupID) },
        ViewMember("volume_id", .uuid) { JSONValue($0.volumeID) },
        ViewMember("volume_name", .string.orNull) { JSONValue($0.volumeName) },
        .optional("warning", .string, "What the restore will have to do without: a sentence") { JSONValue($0.warning) },
    ])
}

extension ExportedRecord {
    static let view = ObjectView<ExportedRecord>([
        ViewMember("backup_service", .string, "The class of Cinder's that can read it") { .string($0.service) },
        ViewMember("backup_url", .string, "Base64 of a JSON object") { .string($0.url) },
    ])
}
