// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes

/// What a request asks for, checked in form but not yet against the catalog.
enum APICall: Sendable, Equatable {
    case showVersions
    case checkHealth
    case listServices

    case listBackups(Listing<BackupQuery>)
    case createBackup(BackupRequest)
    case showBackup(ResourceID)
    case changeBackup(ResourceID, DescriptionChange)
    case deleteBackup(ResourceID)
    case restoreBackup(ResourceID, RestoreRequest)
    case resetBackup(ResourceID, to: BackupStatus)
    case exportRecord(ResourceID)
    case importRecord(ExportedRecord)

    case listVolumes(Listing<VolumeQuery>)
    case createVolume(VolumeRequest)
    case registerVolume(ManageRequest)
    case showVolume(ResourceID)
    case changeVolume(ResourceID, DescriptionChange)
    case deleteVolume(ResourceID)
    case forgetVolume(ResourceID)
    case resetVolume(ResourceID)
}

extension APICall {
    /// Throws `APIError`, and `StorageError` for a container that no store may have.
    init(_ request: Request, at route: Route, version: Microversion) throws {
        switch (route, try Self.method(of: request, at: route)) {
        case (.versions, _): self = .showVersions
        case (.health, _): self = .checkHealth
        case (.services, _): self = .listServices

        case (.backups, .post): self = .createBackup(try BackupRequest(request))
        case (.backups, _): self = .listBackups(try Listing(backups: request, withDetails: false, version: version))
        case (.backupDetails, _):
            self = .listBackups(try Listing(backups: request, withDetails: true, version: version))
        case (.backup(let id), .put): self = .changeBackup(id, try DescriptionChange(request, envelope: "backup"))
        case (.backup(let id), .delete): self = .deleteBackup(id)
        case (.backup(let id), _): self = .showBackup(id)
        case (.backupAction(let id), _): self = try Self.backupAction(on: id, request)
        case (.backupRestore(let id), _): self = .restoreBackup(id, try RestoreRequest(request))
        case (.backupExport(let id), _): self = .exportRecord(id)
        // `BackupAPI.reply` has taken these already: their answers last.
        case (.backupEvents, _), (.events, _): throw APIError.noSuchResource(path: request.path)
        case (.backupImport, _): self = .importRecord(try ExportedRecord(request))

        case (.volumes, .post): self = .createVolume(try VolumeRequest(request))
        case (.volumes, _): self = .listVolumes(try Listing(volumes: request, withDetails: false, version: version))
        case (.volumeDetails, _):
            self = .listVolumes(try Listing(volumes: request, withDetails: true, version: version))
        case (.manageableVolumes, _): self = .registerVolume(try ManageRequest(request))
        case (.volume(let id), .put): self = .changeVolume(id, try DescriptionChange(request, envelope: "volume"))
        case (.volume(let id), .delete): self = try Self.volumeDeletion(of: id, request)
        case (.volume(let id), _): self = .showVolume(id)
        case (.volumeAction(let id), _): self = try Self.volumeAction(on: id, request)
        }
    }

    /// HEAD asks for what GET asks for; the server leaves the body out.
    private static func method(of request: Request, at route: Route) throws(APIError) -> HTTPRequest.Method {
        let method = request.method == .head ? .get : request.method
        guard route.methods.contains(method) else {
            let allowed = route.methods.flatMap { $0 == .get ? [.get, .head] : [$0] }
            throw .methodNotAllowed(request.method.rawValue, allowed: allowed.map(\.rawValue))
        }
        return method
    }

    /// Neither has snapshots to cascade to, nor needs force; only what they say is checked.
    private static func volumeDeletion(of id: ResourceID, _ request: Request) throws(APIError) -> APICall {
        var query = ListQuery(request.query)
        _ = try query.flag("cascade")
        _ = try query.flag("force")
        return .deleteVolume(id)
    }
}

extension Route {
    var methods: [HTTPRequest.Method] {
        switch self {
        case .versions, .health, .services, .backupDetails, .backupExport, .backupEvents, .events,
            .volumeDetails:
            [.get]
        case .backups, .volumes: [.get, .post]
        case .backup, .volume: [.get, .put, .delete]
        case .backupAction, .backupRestore, .backupImport, .volumeAction, .manageableVolumes: [.post]
        }
    }
}

/// Actions: an object with one member, whose name says what to do.
extension APICall {
    private static func backupAction(on id: ResourceID, _ request: Request) throws(APIError) -> APICall {
        var (action, body) = try action(in: request)
        switch action {
        case "os-force_delete":
            try body.checkNoArguments(of: action)
            return .deleteBackup(id)
        case "os-reset_status": return .resetBackup(id, to: try body.status(of: action, "a status of backups"))
        default: throw .unknownAction(action)
        }
    }

    private static func volumeAction(on id: ResourceID, _ request: Request) throws(APIError) -> APICall {
        var (action, body) = try action(in: request)
        switch action {
        case "os-unmanage":
            try body.checkNoArguments(of: action)
            return .forgetVolume(id)
        case "os-reset_status":
            let status: VolumeStatus = try body.status(of: action, "available")
            guard status == .available else {
                throw .badMember("os-reset_status.status", reason: "must be available")
            }
            return .resetVolume(id)
        default: throw .unknownAction(action)
        }
    }

    private static func action(in request: Request) throws(APIError) -> (String, BodyObject) {
        let body = try RequestBody.object(of: request)
        guard let action = body.keys.first else { throw .badMember("body", reason: "names no action") }
        if let second = body.keys.dropFirst().first { throw .unknownMember(second) }
        return (action, body)
    }
}

extension BodyObject {
    /// `null`, which is what the clients send, or `{}`.
    fileprivate mutating func checkNoArguments(of action: String) throws(APIError) {
        if let arguments = try object(action) { try arguments.finish() }
    }

    fileprivate mutating func status<Status: RawRepresentable<String>>(
        of action: String, _ expected: String
    ) throws(APIError) -> Status {
        guard var arguments = try object(action) else { throw .wrongType(member: action, expected: "an object") }
        guard let text = try arguments.string("status") else { throw .missingMember(arguments.full("status")) }
        try arguments.finish()
        guard let status = Status(rawValue: text.lowercased()) else {
            throw .badMember(arguments.full("status"), reason: "must be \(expected)")
        }
        return status
    }
}
