// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

extension Operation {
    static let backups: [Operation] = [
        Operation(
            "listBackups", .get, .read, "/backups", "List the backups: ids and names",
            reads: .backups(withDetails: false),
            answers: .json(200, .page(of: "backups", .named("BackupSummary")), "A page of the list"),
            call: { .listBackups($0) }),
        Operation(
            "listBackupDetails", .get, .read, "/backups/detail", "List the backups with all that is known of them",
            reads: .backups(withDetails: true),
            answers: .json(200, .page(of: "backups", .named("Backup")), "A page of the list"),
            call: { .listBackups($0) }),
        Operation(
            "createBackup", .post, .full, "/backups", "Back up a volume",
            reads: .envelope("backup", BackupRequest.form),
            answers: .created(202, .backup, "The backup is `creating`, and the work goes on behind the answer"),
            call: { .createBackup($0) }),
        Operation(
            "importRecord", .post, .full, "/backups/import_record",
            "Register a backup whose objects are in the repository already",
            reads: .envelope("backup-record", ExportedRecord.form),
            answers: .created(201, .backup, "The backup is registered, under the id it had"),
            call: { .importRecord($0) }
        ).takingBodies(of: recordBytes),
        Operation(
            "showBackup", .get, .read, of: .backup, "Show a backup, and how far its job is", reads: .wait,
            answers: .json(200, ResourceKind.backup.answer, "The backup"),
            call: { id, wait in wait.map { .watch(.backupChange(id, within: $0)) } ?? .showBackup(id) }),
        Operation(
            "changeBackup", .put, .full, of: .backup, "Change what describes a backup, or protect it",
            reads: .envelope("backup", BackupChange.form),
            answers: .json(200, ResourceKind.backup.answer, "The backup as it is now"),
            call: { .changeBackup($0, $1) }),
        Operation(
            "deleteBackup", .delete, .full, of: .backup, "Delete a backup, or cancel one that is being created",
            reads: .nothing, answers: .empty(202, "The backup is `deleting`"),
            call: { id, _ in .deleteBackup(id, isForced: false) }),
        Operation(
            "actOnBackup", .post, .full, of: .backup, at: "/action",
            "Force the deletion of a backup, or reset its status",
            reads: .backupAction, answers: .empty(202, "It is done, or on its way"), call: { $1($0) }),
        Operation(
            "restoreBackup", .post, .full, of: .backup, at: "/restore",
            "Restore a backup to a volume, a new one or another",
            reads: .nullableEnvelope("restore", RestoreRequest.form),
            answers: .json(
                202, .answer("restore", RestoreAnswer.form.schema),
                "The backup is `restoring`, and the work goes on behind the answer"),
            call: { .restoreBackup($0, $1) }),
        Operation(
            "exportRecord", .get, .read, of: .backup, at: "/export_record",
            "What a backup can be registered again with",
            reads: .nothing, answers: .json(200, .answer("backup-record", ExportedRecord.view.schema), "The record"),
            call: { id, _ in .exportRecord(id) }),
    ]
}
