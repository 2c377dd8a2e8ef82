// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Foundation
import HTTPServer
import Logging
import ObjectStorage
import TestSupport
import Testing

@testable import BackupService

/// The daemon ended after the work and before its answer was kept: the answer is made from what there is.
struct RemakingTests {
    private let directory: TemporaryDirectory
    private let service: BackupService
    private let links: Links

    init() throws {
        directory = try TemporaryDirectory()
        service = try BackupService(idleIn: directory)
        links = Links(try .sample("POST /"))
    }

    @Test func `every POST that makes something can be answered again`() throws {
        let path = directory.path("volumes/disk")
        #expect(FileManager.default.createFile(atPath: path, contents: Data(count: 5000)))
        let registered = try remade(.registerVolume(ManageRequest(source: path)), at: "volume", 202)
        let made = try remade(.createVolume(VolumeRequest(sizeGiB: 1)), at: "volume", 202)
        #expect(made != registered)
        let backup = try remade(.createBackup(BackupRequest(volumeID: try id(registered))), at: "backup", 202)
        let record = newRecord(of: try id(made))
        let exported = ExportedRecord(
            service: BackupRecord.posixService, url: CinderRecord.encode(record, childCount: 0))
        #expect(try remade(.importRecord(exported), at: "backup", 201) == record.id.text)
        #expect(backup != record.id.text)
    }

    @Test func `a restore is answered with the volume that it goes to`() throws {
        let volume = try service.createVolume(VolumeRequest(sizeGiB: 1)).record.id
        let record = newRecord(of: volume)
        try service.catalog.importBackup(record)
        var request = RestoreRequest()
        request.name = "again"
        let call = APICall.restoreBackup(record.id, request)
        let receipt = Receipt(key: "restore", request: "r")
        let answer = Answer.restore(try service.leaving(receipt).restoreBackup(record.id, request))
        let made = try #require(try service.catalog.done(receipt)).made
        #expect(try call.remakeAnswer(made: made, with: service, links: links) == answer)
    }

    @Test func `an empty volume whose file was not made has one then`() throws {
        let receipt = Receipt(key: "k", request: "r")
        let call = APICall.createVolume(VolumeRequest(sizeGiB: 1))
        let volume = try service.leaving(receipt).createVolume(VolumeRequest(sizeGiB: 1)).record
        try FileManager.default.removeItem(atPath: volume.source)
        _ = try call.remakeAnswer(made: volume.id, with: service, links: links)
        let size = try FileManager.default.attributesOfItem(atPath: volume.source)[.size] as? Int
        #expect(size == 1 << 30)
    }

    @Test func `what has gone since is not found`() throws {
        let call = APICall.createBackup(BackupRequest(volumeID: try id(volumeID)))
        #expect(throws: CatalogError.backupNotFound(try id(backupID))) {
            try call.remakeAnswer(made: try id(backupID), with: service, links: links)
        }
    }

    @Test func `an action has nothing to show`() throws {
        let call = APICall.resetVolume(try id(volumeID))
        #expect(try call.remakeAnswer(made: nil, with: service, links: links) == Answer(202))
    }

    private func newRecord(of volumeID: ResourceID) -> BackupRecord {
        var record = BackupRecord(
            id: .random(), volumeID: volumeID, status: .available, sizeGiB: 1, createdAt: Timestamp(microseconds: 5))
        record.container = "c"
        record.prefix = "p"
        return record
    }

    /// Does the work, and makes the answer anew; both name the same thing, which is returned.
    private func remade(_ call: APICall, at member: String, _ status: Int) throws -> String {
        let receipt = Receipt(key: ResourceID.random().text, request: "r")
        let log = JSONLog(named: "Log", path: "/dev/null", logger: Logger(label: "test"))
        let monitor = Monitor(
            service: service, progressLog: log, auditLog: log)
        let answer = try call.perform(
            with: service.leaving(receipt), monitor: monitor, host: "h", links: links)
        let done = try #require(try service.catalog.done(receipt))
        let again = try call.remakeAnswer(made: done.made, with: service, links: links)
        #expect(again == answer)
        #expect(again.status == status)
        guard case .string(let id)? = again.json?[key: member]?[key: "id"] else {
            Issue.record("no id in \(again)")
            return ""
        }
        #expect(again.location?.hasSuffix(id) == true)
        return id
    }
}
