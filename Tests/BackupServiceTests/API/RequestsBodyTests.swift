// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct RequestsBodyTests {
    /// Every body that the stock clients send.
    static let clientRequests: [(String, String)] = [
        (
            "POST /v3/backups",
            #"{"backup":{"volume_id":"\#(volumeID)","container":null,"name":null,"description":null,"incremental":false,"force":false,"snapshot_id":null}}"#
        ),
        (
            "POST /v3/backups",
            #"{"backup":{"volume_id":"\#(volumeID)","container":"C","name":"N","description":"D","incremental":true,"force":true,"snapshot_id":null,"metadata":{"k":"v"},"availability_zone":"nova"}}"#
        ),
        (
            "POST /v3/p/backups",
            #"{"backup":{"volume_id":"\#(volumeID)","name":"N","description":null,"container":null,"force":false,"incremental":false}}"#
        ),
        (
            "POST /backups",
            #"{"backup":{"volume_id":"\#(volumeID)","name":"N","description":null,"container":null,"force":true,"incremental":true,"metadata":{"a":"b"}}}"#
        ),
        ("PUT /v3/backups/\(backupID)", #"{"backup":{"name":"N"}}"#),
        ("PUT /v3/backups/\(backupID)", #"{"backup":{"name":"N","metadata":{"x":"y"}}}"#),
        ("POST /v3/backups/\(backupID)/action", #"{"os-force_delete":null}"#),
        ("POST /v3/backups/\(backupID)/action", #"{"os-reset_status":{"status":"error"}}"#),
        ("POST /v3/backups/\(backupID)/restore", #"{"restore":{"volume_id":null,"name":null}}"#),
        ("POST /v3/backups/\(backupID)/restore", #"{"restore":{"volume_id":null,"name":"N"}}"#),
        ("POST /v3/backups/\(backupID)/restore", #"{"restore":{"volume_id":"\#(volumeID)","name":null}}"#),
        ("POST /v3/backups/\(backupID)/restore", #"{"restore":{"name":"NEWNAME"}}"#),
        ("POST /v3/backups/\(backupID)/restore", #"{"restore":{"volume_id":"\#(volumeID)"}}"#),
        (
            "POST /v3/backups/import_record",
            #"{"backup-record":{"backup_service":"cinder.backup.drivers.posix.PosixBackupDriver","backup_url":"e30="}}"#
        ),
        (
            "POST /v3/volumes",
            #"{"volume":{"size":2,"name":"N","volume_type":"T","backup_id":"\#(backupID)","availability_zone":null,"metadata":{},"imageRef":null,"source_volid":null,"snapshot_id":null,"consistencygroup_id":null,"description":null}}"#
        ),
        (
            "POST /v3/volumes",
            #"{"volume":{"size":1,"consistencygroup_id":null,"snapshot_id":null,"name":"N","description":null,"volume_type":null,"availability_zone":null,"metadata":{},"imageRef":null,"source_volid":null,"backup_id":null}}"#
        ),
        (
            "POST /v3/volumes",
            #"{"volume":{"size":1,"consistencygroup_id":null,"snapshot_id":null,"name":"N","description":null,"volume_type":null,"availability_zone":null,"metadata":null,"imageRef":null,"source_volid":null,"backup_id":null}}"#
        ),
        (
            "POST /v3/os-volume-manage",
            #"{"volume":{"host":"HOST","ref":{"source-name":"/dev/vg0/db"},"name":"N","description":null,"volume_type":null,"availability_zone":null,"metadata":null,"bootable":false}}"#
        ),
        (
            "POST /v3/manageable_volumes",
            #"{"volume":{"host":"H","ref":{"source-name":"/srv/a.img"},"name":"N","description":null,"volume_type":null,"availability_zone":null,"metadata":null,"bootable":null}}"#
        ),
        ("POST /v3/volumes/\(volumeID)/action", #"{"os-unmanage":null}"#),
        ("POST /v3/volumes/\(volumeID)/action", #"{"os-unmanage":{}}"#),
        ("POST /v3/volumes/\(volumeID)/action", #"{"os-reset_status":{"status":"available"}}"#),
        ("PUT /v3/volumes/\(volumeID)", #"{"volume":{"name":"N"}}"#),
    ]

    @Test(arguments: clientRequests)
    func `what the clients send is understood`(line: String, body: String) throws {
        let request = try Request.sample(line, body).with("Content-Type", "application/json")
        #expect(throws: Never.self, "\(line) \(body)") { try APICall(request) }
    }

    @Test func `a backup request says all it can`() throws {
        let request = try Request.sample(
            "POST /backups",
            #"""
            {"backup": {"volume_id": "\#(volumeID.uppercased())", "container": "a/b", "name": "  N  ", "force": "yes",
              "description": "\tD\n", "incremental": "True", "metadata": {"k": "v"}, "availability_zone": "nova"}}
            """#)
        var expected = BackupRequest(volumeID: try id(volumeID))
        expected.isIncremental = true
        expected.force = true
        expected.name = "N"
        expected.details = "D"
        expected.container = "a/b"
        expected.userMetadata = ["k": "v"]
        expected.availabilityZone = "nova"
        #expect(try APICall(request) == .createBackup(expected))
    }

    @Test func `a volume keeps its id and what describes it`() throws {
        let request = try Request.sample(
            "POST /manageable_volumes",
            #"""
            {"volume": {"name": "db", "ref": {"source-name": "/dev/vg0/db"}, "id": "\#(volumeID)", "host": "h",
              "volume_type": "t", "availability_zone": "z", "description": "d", "metadata": {"a": "b"}}}
            """#)
        var expected = ManageRequest(source: "/dev/vg0/db")
        expected.id = try id(volumeID)
        expected.traits.name = "db"
        expected.traits.details = "d"
        expected.traits.userMetadata = ["a": "b"]
        expected.traits.host = "h"
        expected.traits.volumeType = "t"
        expected.traits.availabilityZone = "z"
        #expect(try APICall(request) == .registerVolume(expected))
    }

    @Test func `a volume is made out of a backup`() throws {
        let request = try Request.sample(
            "POST /volumes", #"{"volume": {"size": "3", "backup_id": "\#(backupID)", "multiattach": false}}"#)
        var expected = VolumeRequest(sizeGiB: 3)
        expected.backupID = try id(backupID)
        #expect(try APICall(request) == .createVolume(expected))
    }

    @Test(
        arguments: [
            (#"{"restore": null}"#, nil, nil), (#"{"restore": {}}"#, nil, nil),
            (#"{"restore": {"name": " n "}}"#, nil, "n"),
            (#"{"restore": {"volume_id": "\#(volumeID)", "name": null}}"#, volumeID, nil),
        ] as [(String, String?, String?)])
    func `a restore may leave things out`(body: String, volume: String?, name: String?) throws {
        var expected = RestoreRequest()
        expected.volumeID = try volume.map { try id($0) }
        expected.name = name
        let request = try Request.sample("POST /backups/\(backupID)/restore", body)
        #expect(try APICall(request) == .restoreBackup(id(backupID), expected))
    }

    @Test func `actions become operations`() throws {
        let backup = try id(backupID)
        let volume = try id(volumeID)
        func backupAction(_ body: String) throws -> APICall {
            try APICall(.sample("POST /backups/\(backupID)/action", body))
        }
        func volumeAction(_ body: String) throws -> APICall {
            try APICall(.sample("POST /volumes/\(volumeID)/action", body))
        }
        #expect(try backupAction(#"{"os-force_delete": null}"#) == .deleteBackup(backup, isForced: true))
        #expect(try backupAction(#"{"os-force_delete": {}}"#) == .deleteBackup(backup, isForced: true))
        #expect(try backupAction(#"{"os-reset_status": {"status": "ERROR"}}"#) == .resetBackup(backup, to: .error))
        #expect(try volumeAction(#"{"os-unmanage": {}}"#) == .forgetVolume(volume))
        #expect(try volumeAction(#"{"os-reset_status": {"status": "available"}}"#) == .resetVolume(volume))
    }

    @Test func `deletion needs no body, and reads none`() throws {
        #expect(try APICall(.sample("DELETE /backups/\(backupID)")) == .deleteBackup(id(backupID), isForced: false))
        let request = try Request.sample("DELETE /volumes/\(volumeID)?cascade=False&force=False", "}")
        #expect(try APICall(request) == .deleteVolume(id(volumeID)))
    }

    @Test(arguments: [
        "application/json", "application/json; charset=UTF-8", "Application/JSON", "application/vnd.x+json",
        "application/x-www-form-urlencoded",
    ])
    func `bodies of these types are read`(type: String) throws {
        let request = try Request.sample("PUT /backups/\(backupID)", #"{"backup":{"name":"N"}}"#)
        #expect(throws: Never.self) { try APICall(request.with("Content-Type", type)) }
    }

    @Test(arguments: ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "json"])
    func `bodies of other types are not`(type: String) throws {
        let request = try Request.sample("PUT /backups/\(backupID)", #"{"backup":{"name":"N"}}"#)
        #expect { try APICall(request.with("Content-Type", type)) } throws: { Fault($0).status == 415 }
    }
}
