// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import ObjectStorage
import Testing

@testable import BackupService

struct CinderRecordTests {
    private let now = Timestamp(microseconds: 1_800_000_000_000_000)

    /// The JSON of a record, with these members changed.
    private func json(_ changes: JSONValue.Member...) -> JSONValue {
        let members: [JSONValue.Member] = [
            .init("id", .string(backupID)), .init("volume_id", .string(volumeID)), .init("size", 1),
            .init("display_name", "nightly"), .init("display_description", nil), .init("container", "c"),
            .init("service_metadata", "p"), .init("object_count", 1),
        ]
        return .object(members.filter { member in !changes.contains { $0.key == member.key } } + changes)
    }

    private func decoded(_ text: some Sequence<UInt8>) throws -> BackupRecord {
        try CinderRecord.decode(Data(text).base64EncodedString(), now: now)
    }

    @Test func `the drivers that mount a directory write what the one for directories writes`() {
        for driver in ["posix.PosixBackupDriver", "nfs.NFSBackupDriver", "glusterfs.GlusterfsBackupDriver"] {
            let module = driver.prefix { $0 != "." }
            #expect(CinderRecord.posixServices.contains("cinder.backup.drivers.\(driver)"))
            #expect(CinderRecord.posixServices.contains("cinder.backup.drivers.\(module)"))
        }
        #expect(!CinderRecord.posixServices.contains("cinder.backup.drivers.swift.SwiftBackupDriver"))
    }

    @Test func `base64 is read in either alphabet, in lines and without padding`() throws {
        for blanks in 0..<3 {
            let text = json(.init("display_name", "???>>>~~~ÿþ")).text + String(repeating: " ", count: blanks)
            let url = Data(text.utf8).base64EncodedString()
            let lines = url.enumerated().map { $0 % 76 == 75 ? "\($1)\r\n" : "\($1)" }.joined()
            let safe = url.replacing("+", with: "-").replacing("/", with: "_")
            for form in [url, lines, safe, safe.replacing("=", with: ""), " \(url)\n", url.replacing("=", with: "")] {
                #expect(try CinderRecord.decode(form, now: now).name == "???>>>~~~ÿþ", "\(form)")
            }
        }
        let half = String(Data(json().utf8).base64EncodedString().prefix(101))
        for form in ["", "=", "%%%", "A", half] {
            #expect(throws: ServiceError.self, "\(form)") { try CinderRecord.decode(form, now: now) }
        }
    }

    @Test func `text that is none becomes the replacement character, and a byte order mark nothing`() throws {
        let text = json(.init("display_name", "NAME"), .init("metadata", ["k": "NAME"])).text
        #expect(try decoded([0xef, 0xbb, 0xbf] + text.utf8).name == "NAME")
        let half = try decoded(text.replacing("NAME", with: #"a\ud800b"#).utf8)
        #expect(half.name == "a\u{fffd}b" && half.userMetadata == ["k": "a\u{fffd}b"])
        let parts = text.split(separator: "NAME").map { Array($0.utf8) }
        #expect(try decoded(parts[0] + [0x61, 0xff] + parts[1] + [0xc3] + parts[2]).name == "a\u{fffd}")
    }

    @Test func `a container has one name, and none outside the repository`() throws {
        for name in ["a/b", "a//b", "./a/b", "a/b/", ".//a/./b//"] {
            #expect(try decoded(json(.init("container", .string(name))).utf8).container == "a/b", "\(name)")
        }
        for name in ["../a", "/a", "a/../b", "."] {
            #expect(throws: StorageError.self, "\(name)") { try decoded(json(.init("container", .string(name))).utf8) }
        }
        #expect(throws: ServiceError.self) { try decoded(json(.init("container", "")).utf8) }
        #expect(throws: ServiceError.self) { try decoded(json(.init("container", "a\u{0}")).utf8) }
    }

    @Test func `a parent that is an empty text is none`() throws {
        #expect(try decoded(json(.init("parent_id", "")).utf8).parentID == nil)
        #expect(try decoded(json(.init("parent_id", .string(volumeID))).utf8).parentID == id(volumeID))
        #expect(throws: ServiceError.self) { try decoded(json(.init("parent_id", "mother")).utf8) }
        #expect(throws: ServiceError.self) { try decoded(json(.init("id", "")).utf8) }
    }

    @Test func `what was exported is read back, also where it needs three times its bytes`() throws {
        var record = BackupRecord(
            id: try id(backupID), volumeID: try id(volumeID), status: .available, sizeGiB: 1, createdAt: now)
        (record.container, record.prefix, record.sizeBytes) = ("a/b", "p", 12345)
        // As many characters of two bytes as fit into a request.
        record.userMetadata = Dictionary(
            uniqueKeysWithValues: (0..<2000).map { ("\($0)", String(repeating: "é", count: 255)) })
        let url = CinderRecord.encode(record, childCount: 3)
        #expect(url.utf8.count > 3 << 20)
        #expect(url.utf8.count <= CinderRecord.longestURL)
        let back = try CinderRecord.decode(url, now: now)
        #expect(back.userMetadata == record.userMetadata)
        #expect(back.sizeBytes == 12345 && back.container == "a/b")
    }
}
