// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct RouteTests {
    @Test(arguments: ["", "/v3", "/v3/p", "/v3/0123456789abcdef0123456789abcdef", "/v3/backup%73x"])
    func `every resource is at every root`(root: String) throws {
        let routes: [(String, [String])] = [
            ("/healthz", ["checkHealth"]), ("/readyz", ["checkReadiness"]), ("/metrics", ["showMetrics"]),
            ("/os-services", ["listServices"]),
            ("/manageable_volumes", ["registerVolume"]), ("/os-volume-manage", ["manageVolume"]),
            ("/backups", ["listBackups", "createBackup"]), ("/backups/", ["listBackups", "createBackup"]),
            ("/backups/detail", ["listBackupDetails"]), ("/backups/import_record", ["importRecord"]),
            ("/backups/\(backupID)", ["showBackup", "changeBackup", "deleteBackup"]),
            ("/backups/\(backupID)/", ["showBackup", "changeBackup", "deleteBackup"]),
            ("/backups/\(backupID.uppercased())", ["showBackup", "changeBackup", "deleteBackup"]),
            ("/%62ackups/\(backupID)", ["showBackup", "changeBackup", "deleteBackup"]),
            ("/backups/\(backupID)/action", ["actOnBackup"]), ("/backups/\(backupID)/restore", ["restoreBackup"]),
            ("/backups/\(backupID)/export_record", ["exportRecord"]), ("/volumes", ["listVolumes", "createVolume"]),
            ("/volumes/detail", ["listVolumeDetails"]),
            ("/volumes/\(volumeID)", ["showVolume", "changeVolume", "deleteVolume"]),
            ("/volumes/\(volumeID)/action", ["actOnVolume"]),
            ("/volumes/\(volumeID)/metadata", ["showVolumeMetadata", "addVolumeMetadata", "replaceVolumeMetadata"]),
            (
                "/volumes/\(volumeID)/metadata/a%2Fb",
                ["showVolumeMetadataItem", "setVolumeMetadataItem", "removeVolumeMetadataItem"]
            ),
            ("/events", ["watchAll"]), ("/backups/\(backupID)/events", ["watchBackup"]),
        ]
        for (path, operations) in routes { #expect(try found(root + path) == operations, "\(root)\(path)") }
    }

    @Test(arguments: ["/", "/v3", "/v3/"])
    func `versions are discovered`(path: String) throws {
        #expect(try found(path) == ["showVersions"])
    }

    private func found(_ path: String) throws -> [String] {
        try Route(path: path).destinations.map(\.operation.id)
    }

    @Test func `the id is in lower case`() throws {
        #expect(try APICall(.sample("GET /v3/p/volumes/\(volumeID.uppercased())/")) == .showVolume(id(volumeID)))
    }

    @Test(arguments: [
        "", "*", "//", "/v2", "/v3/p", "/v3//backups", "//backups", "/p/backups", "/backupss", "/Backups",
        "/backups//", "/backups/\(backupID)/nothing", "/backups/\(backupID)/action/x", "/volumes/\(volumeID)/restore",
        "/volumes/\(volumeID)/metadata/a/b", "/backups/\(backupID)/metadata", "/v3/p/q/backups", "/healthz/x",
        "/os-services/\(backupID)", "/manageable_volumes/detail", "/%2Fbackups",
        "/v3/v3/v3",
    ])
    func `there is nothing elsewhere`(path: String) {
        #expect { try Route(path: path) } throws: { Fault($0).status == 404 }
    }

    @Test(arguments: [
        ("/backups/nightly", "Backup nightly could not be found."),
        ("/v3/backups/a%20b%2Fc", "Backup a b/c could not be found."),
        ("/v3/p/volumes/db", "Volume db could not be found."),
        ("/backups/detail/x", "Backup detail could not be found."),
        ("/backups/%ff%00", "Backup \u{fffd}\u{0} could not be found."),
        ("/backups/\(backupID)0", "Backup \(backupID)0 could not be found."),
    ])
    func `a name in place of an id is not found`(path: String, message: String) {
        #expect { try Route(path: path) } throws: { Fault($0).message == message && Fault($0).status == 404 }
    }

    @Test(arguments: [
        ("PATCH /backups", "GET, HEAD, POST"), ("POST /backups/detail", "GET, HEAD"),
        ("POST /backups/\(backupID)", "GET, HEAD, PUT, DELETE"), ("GET /backups/\(backupID)/action", "POST"),
        ("GET /backups/import_record", "POST"), ("POST /v3/", "GET, HEAD"), ("DELETE /volumes", "GET, HEAD, POST"),
        ("GET /manageable_volumes", "POST"), ("POST /events", "GET, HEAD"), ("OPTIONS /healthz", "GET, HEAD"),
        ("FROB /volumes/\(volumeID)/action", "POST"),
    ])
    func `other methods are refused with those that are allowed`(line: String, allowed: String) throws {
        let request = try Request.sample(line)
        #expect {
            try APICall(request)
        } throws: {
            let fault = Fault($0)
            return fault.status == 405 && fault.headers.value(of: "Allow") == allowed
        }
    }

    @Test func `HEAD asks for what GET does`() throws {
        #expect(try APICall(.sample("HEAD /backups/\(backupID)")) == .showBackup(id(backupID)))
    }
}
