// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a request is about, as far as it says so.
struct AuditSubject: Sendable, Equatable {
    var volume: ResourceID?
    var backup: ResourceID?
    /// The one of several that one path stands for.
    var action: String?

    init(volume: ResourceID? = nil, backup: ResourceID? = nil, action: String? = nil) {
        self.volume = volume
        self.backup = backup
        self.action = action
    }

    /// Of a path.
    init(_ resource: (kind: ResourceKind, id: ResourceID)?) {
        switch resource?.kind {
        case .backup: backup = resource?.id
        case .volume: volume = resource?.id
        case nil: break
        }
    }

    /// What an answer tells more: the ids of what was made.
    init(_ answer: Answer) {
        guard case .object(let members)? = answer.json, let member = members.first else { return }
        switch member.key {
        case "backup":
            backup = Self.id(member.value, "id")
            volume = Self.id(member.value, "volume_id")
        case "volume": volume = Self.id(member.value, "id")
        case "restore": volume = Self.id(member.value, "volume_id")
        default: break
        }
    }

    private static func id(_ object: JSONValue, _ key: String) -> ResourceID? {
        guard case .string(let text)? = object[key: key] else { return nil }
        return ResourceID(text)
    }

    /// What is known already counts more.
    func merging(_ other: AuditSubject) -> AuditSubject {
        AuditSubject(
            volume: volume ?? other.volume, backup: backup ?? other.backup, action: action ?? other.action)
    }
}

extension APICall {
    var subject: AuditSubject {
        switch self {
        case .createBackup(let request): AuditSubject(volume: request.volumeID)
        case .showBackup(let id), .changeBackup(let id, _), .exportRecord(let id),
            .deleteBackup(let id, isForced: false):
            AuditSubject(backup: id)
        case .deleteBackup(let id, isForced: true): AuditSubject(backup: id, action: "os-force_delete")
        case .resetBackup(let id, _): AuditSubject(backup: id, action: "os-reset_status")
        case .restoreBackup(let id, let request): AuditSubject(volume: request.volumeID, backup: id)
        case .createVolume(let request): AuditSubject(backup: request.backupID)
        case .registerVolume(let request): AuditSubject(volume: request.id)
        case .showVolume(let id), .changeVolume(let id, _), .deleteVolume(let id), .volumeMetadata(let id, _):
            AuditSubject(volume: id)
        case .forgetVolume(let id): AuditSubject(volume: id, action: "os-unmanage")
        case .resetVolume(let id): AuditSubject(volume: id, action: "os-reset_status")
        case .acceptRepository: AuditSubject(action: "accept")
        case .scanRepository: AuditSubject(action: "scan")
        case .showVersions, .describeAPI, .checkHealth, .checkReadiness, .showMetrics, .listServices, .showRepository,
            .importRecord, .listBackups, .listVolumes, .watch:
            AuditSubject()
        }
    }
}
