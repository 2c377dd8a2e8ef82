// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// What a path stands for.
///
/// Every resource is served at `/`, `/v3/` and `/v3/{project_id}/` alike: whether the segment after `v3` is a project is
/// told by whether it is the name of a resource.
enum Route: Hashable {
    case versions
    case health
    case services
    case backups
    case backupDetails
    case backup(ResourceID)
    case backupAction(ResourceID)
    case backupRestore(ResourceID)
    case backupExport(ResourceID)
    case backupImport
    case backupEvents(ResourceID)
    case events
    case volumes
    case volumeDetails
    case volume(ResourceID)
    case volumeAction(ResourceID)
    case manageableVolumes

    /// - Parameter path: as it was sent, percent-encoded.
    init(path: String) throws(APIError) {
        let segments = try Self.segments(of: path)
        switch segments.first {
        case nil: self = .versions
        case "healthz" where segments.count == 1: self = .health
        case "os-services" where segments.count == 1: self = .services
        case "manageable_volumes" where segments.count == 1: self = .manageableVolumes
        case "os-volume-manage" where segments.count == 1: self = .manageableVolumes
        case "events" where segments.count == 1: self = .events
        case "backups": self = try Self.backups(segments.dropFirst(), path)
        case "volumes": self = try Self.volumes(segments.dropFirst(), path)
        default: throw .noSuchResource(path: path)
        }
    }

    /// Version discovery and the health check tell nothing that needs a secret.
    var isPublic: Bool { self == .versions || self == .health }

    private static let resources: Set<String> = [
        "healthz", "os-services", "manageable_volumes", "os-volume-manage", "events", "backups", "volumes",
    ]

    /// The decoded segments from the resource's name on; none where versions are discovered.
    private static func segments(of path: String) throws(APIError) -> ArraySlice<String> {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.decoded($0) }[
            ...]
        guard path.hasPrefix("/"), segments.popFirst() == "" else { throw .noSuchResource(path: path) }
        // A slash at the end is forgiven.
        if segments.last == "" { segments.removeLast() }
        guard segments.first == "v3" else { return segments }
        segments.removeFirst()
        if let first = segments.first, !resources.contains(first) {
            segments.removeFirst()
            // A project by itself is nothing, and an empty one is none.
            if segments.isEmpty || first.isEmpty { throw .noSuchResource(path: path) }
        }
        return segments
    }

    private static func backups(_ rest: ArraySlice<String>, _ path: String) throws(APIError) -> Route {
        guard let first = rest.first else { return .backups }
        switch (first, rest.dropFirst().first) {
        case ("detail", nil): return .backupDetails
        case ("import_record", nil): return .backupImport
        default: break
        }
        // A client that has a name asks for it here first, and looks for it in the list after a 404.
        guard let id = ResourceID(first) else { throw .noSuchBackup(named: first) }
        switch Array(rest.dropFirst()) {
        case []: return .backup(id)
        case ["action"]: return .backupAction(id)
        case ["restore"]: return .backupRestore(id)
        case ["export_record"]: return .backupExport(id)
        case ["events"]: return .backupEvents(id)
        default: throw .noSuchResource(path: path)
        }
    }

    private static func volumes(_ rest: ArraySlice<String>, _ path: String) throws(APIError) -> Route {
        guard let first = rest.first else { return .volumes }
        if first == "detail", rest.count == 1 { return .volumeDetails }
        guard let id = ResourceID(first) else { throw .noSuchVolume(named: first) }
        switch Array(rest.dropFirst()) {
        case []: return .volume(id)
        case ["action"]: return .volumeAction(id)
        default: throw .noSuchResource(path: path)
        }
    }
}
