// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct RouteTests {
    @Test(arguments: ["", "/v3", "/v3/p", "/v3/0123456789abcdef0123456789abcdef", "/v3/backup%73x"])
    func `every resource is at every root`(root: String) throws {
        let backup = try id(backupID)
        let volume = try id(volumeID)
        let routes: [(String, Route)] = [
            ("/healthz", .health), ("/os-services", .services), ("/manageable_volumes", .manageableVolumes),
            ("/os-volume-manage", .manageableVolumes), ("/backups", .backups), ("/backups/", .backups),
            ("/backups/detail", .backupDetails), ("/backups/import_record", .backupImport),
            ("/backups/\(backup)", .backup(backup)), ("/backups/\(backup)/", .backup(backup)),
            ("/backups/\(backupID.uppercased())", .backup(backup)), ("/%62ackups/\(backup)", .backup(backup)),
            ("/backups/\(backup)/action", .backupAction(backup)),
            ("/backups/\(backup)/restore", .backupRestore(backup)),
            ("/backups/\(backup)/export_record", .backupExport(backup)), ("/volumes", .volumes),
            ("/backups/\(backup)/events", .backupEvents(backup)), ("/events", .events),
            ("/volumes/detail", .volumeDetails), ("/volumes/\(volume)", .volume(volume)),
            ("/volumes/\(volume)/action", .volumeAction(volume)),
        ]
        for (path, route) in routes { #expect(try Route(path: root + path) == route, "\(root)\(path)") }
    }

    @Test(arguments: ["/", "/v3", "/v3/"])
    func `versions are discovered`(path: String) throws {
        #expect(try Route(path: path) == .versions)
    }

    @Test(arguments: [
        "", "*", "//", "/v2", "/v3/p", "/v3//backups", "//backups", "/p/backups", "/backupss", "/Backups",
        "/backups//", "/backups/\(backupID)/nothing", "/backups/\(backupID)/action/x", "/volumes/\(volumeID)/restore",
        "/v3/p/q/backups", "/healthz/x", "/os-services/\(backupID)", "/manageable_volumes/detail", "/%2Fbackups",
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
