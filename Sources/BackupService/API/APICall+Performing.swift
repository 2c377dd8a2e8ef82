// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension APICall {
    /// Has `service` do it, and puts the result into words. `host` is what the daemon's machine is called.
    func perform(with service: BackupService, monitor: Monitor, host: String, links: Links) throws -> Answer {
        switch self {
        case .showVersions: return .versions(links)
        case .describeAPI: return Answer(200, APIDescription.json)
        case .checkHealth: return .healthy
        case .checkReadiness:
            try monitor.checkReadiness()
            return .ready
        case .showMetrics: return .metrics(try monitor.metrics())
        case .listServices: return .services(host: host)
        case .showRepository: return .repository(try service.showRepository())
        case .acceptRepository:
            try service.acceptRepository()
            return Answer(202)
        case .scanRepository:
            service.scanRepository()
            return Answer(202)

        case .listBackups(let listing):
            let count = listing.withCount ? try listing.query.map { try service.backupCount($0) } ?? 0 : nil
            return try .list("backups", listing, count: count, links, find: service.backups) {
                let view = BackupView(backup: $0, links: links)
                return listing.withDetails ? view.full : view.short
            }
        case .createBackup(let request): return .created(try Self.create(request, service), status: 202, links)
        case .showBackup(let id): return .backup(try service.backup(id), links)
        case .changeBackup(let id, let change): return .backup(try service.changeBackup(id, change), links)
        case .deleteBackup(let id, let isForced):
            try service.deleteBackup(id, isForced: isForced)
            return Answer(202)
        case .restoreBackup(let id, let request): return .restore(try service.restoreBackup(id, request))
        case .resetBackup(let id, let status):
            try service.resetBackup(id, to: status)
            return Answer(202)
        case .exportRecord(let id): return .record(try service.exportRecord(id))
        case .importRecord(let record): return .created(try service.importRecord(record), status: 201, links)

        case .listVolumes(let listing):
            let count = listing.withCount ? try listing.query.map { try service.volumeCount($0) } ?? 0 : nil
            return try .list("volumes", listing, count: count, links, find: service.volumes) {
                let view = VolumeView(volume: $0, links: links)
                return listing.withDetails ? view.full : view.short
            }
        case .createVolume(let request): return .created(try service.createVolume(request), links)
        case .registerVolume(let request): return .created(try service.registerVolume(request), links)
        case .showVolume(let id): return .volume(try service.volume(id), links)
        case .changeVolume(let id, let change): return .volume(try service.changeVolume(id, change), links)
        case .deleteVolume(let id):
            try service.deleteVolume(id)
            return Answer(202)
        case .forgetVolume(let id):
            try service.forgetVolume(id)
            return Answer(202)
        case .resetVolume(let id):
            try service.resetVolume(id)
            return Answer(202)

        case .volumeMetadata(let id, let request): return try request.perform(on: id, with: service)

        // What is to be told at once of something that lasts.
        case .watch(let watch):
            return try watch.finalCall?.perform(
                with: service, monitor: monitor, host: host, links: links) ?? Answer(204)
        }
    }

    /// Says what would have helped when the volume is in use.
    private static func create(_ request: BackupRequest, _ service: BackupService) throws -> BackupDescription {
        do {
            return try service.createBackup(request)
        } catch ServiceError.volumeInUse(let id, let reason) where !request.force {
            throw APIError.forceNeeded(volumeID: id, reason: reason)
        }
    }
}
