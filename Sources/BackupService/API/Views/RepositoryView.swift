// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Posix

extension RepositoryDescription {
    static let form = ObjectView<RepositoryDescription>([
        ViewMember("name", .string) { _ in "default" },
        ViewMember("kind", .string) { _ in "posix" },
        ViewMember("path", .string) { .string($0.path) },
        ViewMember("state", .one(of: RepositoryState.words), "`ready` when it takes backups") {
            .string($0.state.word)
        },
        ViewMember("reason", .string.orNull, "Why it takes no backups: a sentence") { repository in
            guard repository.state != .ready else { return nil }
            return .string("\(RepositoryError.notReady(path: repository.path, repository.state))")
        },
        ViewMember("identity", .uuid.orNull, "Which repository the catalog belongs to") { JSONValue($0.identity) },
        ViewMember("catalog", .uuid, "What metadata objects of this daemon name as their writer") {
            JSONValue($0.catalogID)
        },
        ViewMember("rolled_back", .boolean, "Whether the catalog came back from an earlier state") {
            .bool($0.isRolledBack)
        },
        ViewMember("used_bytes", .count.orNull, "Of its file system, by whomever") { JSONValue($0.space?.used) },
        ViewMember("free_bytes", .count.orNull, "What the daemon may still take") { JSONValue($0.space?.free) },
        ViewMember("scan", .one(of: RepositoryScan.Progress.self), "Whether it was gone through for unknown backups") {
            .string($0.scan.progress.rawValue)
        },
        ViewMember("unknown_backups", .list(of: unknownBackup.schema), "Complete ones that the catalog does not know") {
            repository in
            .array(repository.scan.backups.map { unknownBackup.json(Unknown(backup: $0, of: repository.catalogID)) })
        },
        ViewMember("more_unknown_backups", .boolean, "Whether there are more than are listed") {
            .bool($0.scan.isCut)
        },
        ViewMember("unusable_places", .count, "Metadata objects that are not those of complete backups") {
            JSONValue($0.scan.unusable)
        },
    ])

    /// A backup that the catalog does not know, as that catalog sees it.
    private struct Unknown: Sendable {
        let backup: CompleteBackup
        let isOwn: Bool

        init(backup: CompleteBackup, of catalogID: ResourceID) {
            self.backup = backup
            isOwn = backup.metadata.writer == catalogID.text
        }
    }

    private static let unknownBackup = ObjectView<Unknown>([
        ViewMember("id", .uuid) { JSONValue($0.backup.location.backupID) },
        ViewMember("volume_id", .string) { .string($0.backup.metadata.volumeID) },
        ViewMember("parent_id", .string.orNull) { JSONValue($0.backup.metadata.parentID) },
        ViewMember("name", .string.orNull) { JSONValue($0.backup.metadata.backupName) },
        ViewMember("created_at", .string, "As the metadata object has it") { .string($0.backup.metadata.createdAt) },
        ViewMember("container", .string) { .string($0.backup.location.container) },
        ViewMember("service_metadata", .string, "What its object names begin with") {
            .string($0.backup.location.names.prefix)
        },
        ViewMember("object_count", .count) { JSONValue($0.backup.objectCount) },
        ViewMember("size_bytes", .count.orNull) { JSONValue($0.backup.metadata.sizeBytes) },
        ViewMember("writer", .string.orNull, "The catalog that made it; null where it says nothing") {
            JSONValue($0.backup.metadata.writer)
        },
        ViewMember("is_own", .boolean, "Whether that is this one: `accept` takes it in") { .bool($0.isOwn) },
    ])
}
