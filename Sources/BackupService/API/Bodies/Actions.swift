// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension RequestForm where Value == @Sendable (ResourceID) -> APICall {
    static var backupAction: RequestForm {
        oneOf([
            Action("os-force_delete", "As DELETE, also where nothing of the backup is found in the repository") {
                .deleteBackup($0, isForced: true)
            },
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

extension RequestForm where Value == APICall {
    static var repositoryAction: RequestForm {
        oneOf([
            Action(
                "accept",
                "Takes the repository that is there as the catalog's own, and a catalog that came back from an earlier "
                    + "state as it is", call: .acceptRepository),
            Action("scan", "Looks for complete backups that the catalog does not know", call: .scanRepository),
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
