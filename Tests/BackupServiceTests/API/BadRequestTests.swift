// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

@testable import BackupService

struct BadRequestTests {
    private static let long = String(repeating: "x", count: 256)

    private func expect(_ reason: String, naming name: String, of request: Request) {
        #expect("\(request.target) \(String(decoding: request.body.prefix(300), as: UTF8.self))") {
            try APICall(request)
        } throws: {
            let fault = Fault($0)
            return fault.status == 400 && fault.reason == reason && fault.message.contains(name)
        }
    }

    @Test(arguments: [
        (#""volume_id": "\#(volumeID)", "colour": 1"#, "unknown_member", "\"backup.colour\""),
        (#""volume_id": "\#(volumeID)", "Name": "n""#, "unknown_member", "\"backup.Name\""),
        (#""name": "n""#, "missing_member", "\"backup.volume_id\""),
        (#""volume_id": null"#, "missing_member", "\"backup.volume_id\""),
        (#""volume_id": "db""#, "wrong_type", "\"backup.volume_id\" must be a UUID"),
        (#""volume_id": 7"#, "wrong_type", "\"backup.volume_id\" must be a UUID"),
        (#""volume_id": "\#(volumeID)", "name": 7"#, "wrong_type", "\"backup.name\" must be a string"),
        (#""volume_id": "\#(volumeID)", "name": "\#(long)""#, "too_long", "\"backup.name\""),
        (#""volume_id": "\#(volumeID)", "description": "\#(long)""#, "too_long", "\"backup.description\""),
        (#""volume_id": "\#(volumeID)", "container": "\#(long)""#, "too_long", "\"backup.container\""),
        (#""volume_id": "\#(volumeID)", "container": "../x""#, "bad_container", "../x"),
        (#""volume_id": "\#(volumeID)", "container": "/etc""#, "bad_container", "/etc"),
        (#""volume_id": "\#(volumeID)", "container": """#, "bad_container", "empty"),
        (#""volume_id": "\#(volumeID)", "name": "a\u0000b""#, "bad_value", "\"backup.name\""),
        (#""volume_id": "\#(volumeID)", "force": "maybe""#, "wrong_type", "\"backup.force\" must be a boolean"),
        (#""volume_id": "\#(volumeID)", "incremental": 2"#, "wrong_type", "\"backup.incremental\" must be a boolean"),
        (#""volume_id": "\#(volumeID)", "incremental": {}"#, "wrong_type", "\"backup.incremental\" must be a boolean"),
        (
            #""volume_id": "\#(volumeID)", "snapshot_id": "\#(backupID)""#, "unsupported_member",
            "\"backup.snapshot_id\""
        ),
        (#""volume_id": "\#(volumeID)", "metadata": []"#, "wrong_type", "\"backup.metadata\" must be an object"),
        (
            #""volume_id": "\#(volumeID)", "metadata": {"a": null}"#, "wrong_type",
            "\"backup.metadata.a\" must be a string"
        ),
        (#""volume_id": "\#(volumeID)", "metadata": {"": "v"}"#, "bad_value", "\"backup.metadata\""),
        (#""volume_id": "\#(volumeID)", "metadata": {"\#(long)": "v"}"#, "too_long", "backup.metadata."),
        (#""volume_id": "\#(volumeID)", "metadata": {"k": "\#(long)"}"#, "too_long", "\"backup.metadata.k\""),
        (#""volume_id": "\#(volumeID)", "name": "a", "name": "b""#, "repeated_member", "\"backup.name\""),
        (#""volume_id": "\#(volumeID)", "name": "\ud800""#, "malformed_body", "surrogate"),
    ])
    func `a backup request names what is wrong`(members: String, reason: String, name: String) throws {
        expect(reason, naming: name, of: try .sample("POST /backups", "{\"backup\": {\(members)}}"))
    }

    @Test(arguments: [
        ("", "missing_body", "JSON object"), ("{", "malformed_body", "byte"), ("nonsense", "malformed_body", "byte"),
        ("[]", "wrong_type", "\"body\" must be an object"), ("7", "wrong_type", "object"),
        ("{}", "missing_member", "\"backup\""), (#"{"backup": null}"#, "wrong_type", "\"backup\" must be an object"),
        (#"{"backup": []}"#, "wrong_type", "\"backup\" must be an object"),
        (#"{"backup": {}, "volume": {}}"#, "unknown_member", "\"volume\""),
        (#"{"backup": {}, "backup": {}}"#, "repeated_member", "\"backup\""),
        (#"{"backup": {}} x"#, "malformed_body", "byte"), ("{\"backup\": \u{1}}", "malformed_body", "byte"),
        (String(repeating: "[", count: 100_000), "malformed_body", "byte"),
        (#"{"backup": {"volume_id": 1e999}}"#, "malformed_body", "1e999"),
        ("volume_id=x", "malformed_body", "byte"),
    ])
    func `a body is one JSON object`(body: String, reason: String, name: String) throws {
        expect(reason, naming: name, of: try .sample("POST /backups", body))
    }

    @Test(arguments: [
        (#"{}"#, "missing_member", "\"volume.size\""), (#"{"size": 0}"#, "bad_value", "\"volume.size\""),
        (#"{"size": -1}"#, "bad_value", "\"volume.size\""), (#"{"size": 2147483648}"#, "bad_value", "\"volume.size\""),
        (#"{"size": "99999999999999999999"}"#, "bad_value", "\"volume.size\""),
        (#"{"size": 1.5}"#, "wrong_type", "\"volume.size\" must be a whole number"),
        (#"{"size": "1G"}"#, "wrong_type", "\"volume.size\""), (#"{"size": true}"#, "wrong_type", "\"volume.size\""),
        (#"{"size": 1, "imageRef": "i"}"#, "unsupported_member", "\"volume.imageRef\""),
        (#"{"size": 1, "source_volid": "\#(volumeID)"}"#, "unsupported_member", "\"volume.source_volid\""),
        (#"{"size": 1, "multiattach": true}"#, "unsupported_member", "\"volume.multiattach\""),
        (#"{"size": 1, "scheduler_hints": {"a": 1}}"#, "unsupported_member", "\"volume.scheduler_hints\""),
        (#"{"size": 1, "backup_id": "b"}"#, "wrong_type", "\"volume.backup_id\" must be a UUID"),
        (#"{"size": 1, "ref": {}}"#, "unknown_member", "\"volume.ref\""),
        (#"{"size": 1, "host": []}"#, "wrong_type", "\"volume.host\" must be a string"),
    ])
    func `a volume request names what is wrong`(volume: String, reason: String, name: String) throws {
        expect(reason, naming: name, of: try .sample("POST /volumes", "{\"volume\": \(volume)}"))
    }

    @Test(arguments: [
        (#"{}"#, "missing_member", "\"volume.ref\""), (#"{"ref": {}}"#, "missing_member", "\"volume.ref.source-name\""),
        (#"{"ref": "/dev/x"}"#, "wrong_type", "\"volume.ref\" must be an object"),
        (#"{"ref": {"source-name": "x"}}"#, "bad_value", "\"volume.ref.source-name\""),
        (#"{"ref": {"source-name": ""}}"#, "bad_value", "\"volume.ref.source-name\""),
        (#"{"ref": {"source-name": "/a\u0000"}}"#, "bad_value", "\"volume.ref.source-name\""),
        (#"{"ref": {"source-name": "/a", "source-id": "1"}}"#, "unknown_member", "\"volume.ref.source-id\""),
        (#"{"ref": {"source-name": "/a"}, "id": 1}"#, "wrong_type", "\"volume.id\" must be a UUID"),
        (#"{"ref": {"source-name": "/a"}, "bootable": true}"#, "unsupported_member", "\"volume.bootable\""),
        (#"{"ref": {"source-name": "/a"}, "size": 1}"#, "unknown_member", "\"volume.size\""),
    ])
    func `a volume to register names what is wrong`(volume: String, reason: String, name: String) throws {
        expect(reason, naming: name, of: try .sample("POST /manageable_volumes", "{\"volume\": \(volume)}"))
    }

    @Test(arguments: [
        ("POST /backups/\(backupID)/restore", #"{}"#, "missing_member", "\"restore\""),
        ("POST /backups/\(backupID)/restore", #"{"restore": []}"#, "wrong_type", "\"restore\""),
        ("POST /backups/\(backupID)/restore", #"{"restore": {"volume": 1}}"#, "unknown_member", "\"restore.volume\""),
        ("POST /backups/\(backupID)/restore", #"{"restore": {"volume_id": "v"}}"#, "wrong_type", "UUID"),
        ("PUT /backups/\(backupID)", #"{"backup": {}}"#, "nothing_to_change", "name"),
        ("PUT /backups/\(backupID)", #"{"backup": {"name": null}}"#, "nothing_to_change", "name"),
        ("PUT /backups/\(backupID)", #"{"backup": {"status": "error"}}"#, "unknown_member", "\"backup.status\""),
        ("PUT /volumes/\(volumeID)", #"{"backup": {"name": "n"}}"#, "missing_member", "\"volume\""),
        ("POST /backups/\(backupID)/action", #"{}"#, "bad_value", "no action"),
        ("POST /backups/\(backupID)/action", #"{"os-explode": null}"#, "unknown_action", "\"os-explode\""),
        (
            "POST /backups/\(backupID)/action", #"{"os-force_delete": {"x": 1}}"#, "unknown_member",
            "\"os-force_delete.x\""
        ),
        ("POST /backups/\(backupID)/action", #"{"os-force_delete": 1}"#, "wrong_type", "\"os-force_delete\""),
        ("POST /backups/\(backupID)/action", #"{"os-reset_status": null}"#, "wrong_type", "\"os-reset_status\""),
        (
            "POST /backups/\(backupID)/action", #"{"os-reset_status": {}}"#, "missing_member",
            "\"os-reset_status.status\""
        ),
        (
            "POST /backups/\(backupID)/action", #"{"os-reset_status": {"status": "fine"}}"#, "bad_value",
            "\"os-reset_status.status\""
        ),
        ("POST /backups/\(backupID)/action", #"{"os-force_delete": null, "b": 1}"#, "unknown_member", "\"b\""),
        ("POST /volumes/\(volumeID)/action", #"{"os-force_delete": null}"#, "unknown_action", "\"os-force_delete\""),
        (
            "POST /volumes/\(volumeID)/action", #"{"os-reset_status": {"status": "error"}}"#, "bad_value",
            "\"os-reset_status.status\""
        ),
        (
            "POST /volumes/\(volumeID)/action", #"{"os-reset_status": {"status": "x"}}"#, "bad_value",
            "\"os-reset_status.status\""
        ),
        (
            "POST /backups/import_record", #"{"backup-record": {"backup_url": "e30="}}"#, "missing_member",
            "backup_service"
        ),
        (
            "POST /backups/import_record", #"{"backup-record": {"backup_service": "s", "backup_url": ""}}"#,
            "bad_value", "backup_url"
        ),
        (
            "POST /backups/import_record", #"{"backup-record": {"backup_service": "s", "backup_url": 7}}"#,
            "wrong_type", "backup_url"
        ),
        ("DELETE /volumes/\(volumeID)?cascade=perhaps", "", "bad_parameter", "\"cascade\""),
    ])
    func `the other requests name what is wrong`(line: String, body: String, reason: String, name: String) throws {
        expect(reason, naming: name, of: try .sample(line, body))
    }

    @Test func `a long name is counted in code points and blanks count`() throws {
        let name = String(repeating: "e\u{301}", count: 128)
        expect(
            "too_long", naming: "name",
            of: try .sample("PUT /backups/\(backupID)", "{\"backup\": {\"name\": \"\(name)\"}}"))
        let fitting = String(repeating: "ü", count: 255)
        let request = try Request.sample("PUT /backups/\(backupID)", "{\"backup\": {\"name\": \"\(fitting)\"}}")
        #expect(throws: Never.self) { try APICall(request) }
    }
}
