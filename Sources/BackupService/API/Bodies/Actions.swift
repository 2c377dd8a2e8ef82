// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension RequestForm where Value == @Sendable (ResourceID) -> APICall {
    static var backupAction: RequestForm {
        oneOf([
            Action("os-force_delete", "The same as DELETE") { .deleteBackup($0) },
            Action(
                "os-reset_status", StatusReset<BackupStatus>.form(.error, .word("a status of backups")),
                "Sets the status. On a backup that is `restoring` it cancels the restore"
            ) { .resetBackup($0, to: $1.status) },
        ])
    }

    static var volumeAction: RequestForm {
        oneOf([
            Action("os-unmanage", "Forgets a registered volume, and leaves its data") { .forgetVolume($0) },
            Action(
                "os-reset_status", StatusReset<VolumeStatus>.form(.available, .word(of: [.available], "available")),
                "Makes a volume whose restore failed available again"
            ) { id, _ in .resetVolume(id) },
        ])
    }
}

/// The arguments of `os-reset_status`.
struct StatusReset<Status: Sendable>: Sendable {
    var status: Status

    static func form(_ initial: Status, _ type: MemberType<Status>) -> ObjectForm<StatusReset> {
        ObjectForm(
            StatusReset(status: initial), [.required("status", \.status, type, "The status it is to have, in any case")]
        )
    }
}
