// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Codecs
import Foundation
import HTTPServer
import HTTPTypes
import ObjectStorage
import Testing

@testable import BackupService

struct FaultTests {
    static var known: [(any Error, Int, String, String)] {
        get throws {
            let backup = try id(backupID)
            let volume = try id(volumeID)
            return [
                (CatalogError.backupNotFound(backup), 404, "itemNotFound", "backup_not_found"),
                (CatalogError.volumeNotFound(volume), 404, "itemNotFound", "volume_not_found"),
                (CatalogError.hasChildren(backup, count: 2), 400, "badRequest", "has_dependent_backups"),
                (CatalogError.volumeBusy(volume, status: .backingUp), 400, "badRequest", "volume_busy"),
                (CatalogError.newerSchema(found: 9, known: 1), 500, "computeFault", "catalog_unusable"),
                (CatalogError.storage("disk full"), 503, "serviceUnavailable", "catalog_unavailable"),
                (ServiceError.noParent(volumeID: volume), 400, "badRequest", "no_parent"),
                (ServiceError.notOwned(volume), 400, "badRequest", "volume_not_owned"),
                (ServiceError.noAnswer("volume v"), 503, "serviceUnavailable", "no_answer"),
                (StorageError.badContainerName("../x", reason: "r"), 400, "badRequest", "bad_container"),
                (CatalogError.keyReused("k"), 422, "computeFault", "key_reused"),
                (CatalogError.tooManyKeys(limit: 9), 429, "computeFault", "too_many_keys"),
                (CatalogError.tooManyJobs(limit: 9), 429, "computeFault", "too_many_jobs"),
                (APIError.keyInProgress("k"), 409, "conflictingRequest", "key_in_progress"),
                (APIError.notReady(.repository(reason: "r")), 503, "serviceUnavailable", "not_ready"),
                (EngineError.cancelled, 409, "conflictingRequest", "cancelled"),
                (EngineError.corruptObject(name: "o", reason: "r"), 400, "badRequest", "corrupt_object"),
                (FormatError.missing(member: "m"), 400, "badRequest", "bad_metadata"),
                (CodecError.outOfMemory(.zstd), 503, "serviceUnavailable", "out_of_memory"),
                (APIError.unauthorized, 401, "unauthorized", "unauthorized"),
                (APIError.unsupportedVersion("3.99"), 406, "computeFault", "unsupported_version"),
                (APIError.unsupportedMediaType("text/plain"), 415, "badMediaType", "unsupported_media_type"),
                (APIError.encodedBody("gzip"), 415, "badMediaType", "unsupported_content_encoding"),
                (APIError.methodNotAllowed("PATCH", allowed: ["GET"]), 405, "badMethod", "method_not_allowed"),
                (Refusal.malformedChunk, 400, "badRequest", "malformed_request"),
                (Refusal.headTimedOut, 408, "computeFault", "request_timeout"),
                (Refusal.bodyTooLarge(limit: 9), 413, "overLimit", "body_too_large"),
                (Refusal.requestLineTooLong(limit: 9), 414, "computeFault", "request_line_too_long"),
                (Refusal.tooManyHeaders(limit: 9), 431, "computeFault", "headers_too_large"),
                (Refusal.unsupportedTransferEncoding, 501, "notImplemented", "unsupported_transfer_encoding"),
                (Refusal.unsupportedVersion, 505, "computeFault", "unsupported_http_version"),
                (CocoaError(.fileNoSuchFile), 500, "computeFault", "internal"),
            ]
        }
    }

    @Test func `every error has its status, its key and its reason`() throws {
        for (error, status, key, reason) in try Self.known {
            let fault = Fault(error)
            #expect(fault.status == status, "\(error)")
            #expect(fault.reason == reason, "\(error)")
            #expect(!HTTPResponse.Status(withPhrase: status).reasonPhrase.isEmpty, "\(status)")
            #expect(fault.json[key: key]?[key: "code"] == JSONValue(status), "\(error)")
            #expect(fault.json[key: key]?[key: "message"] == .string(fault.message), "\(error)")
            #expect(fault.json[key: key]?[key: "reason"] == .string(reason), "\(error)")
        }
    }

    @Test func `who is to ask again is told when`() {
        #expect(Fault(CatalogError.tooManyJobs(limit: 9)).headers[.retryAfter] == "60")
        #expect(Fault(ServiceError.noAnswer("volume v")).headers[.retryAfter] == "5")
    }

    @Test func `messages are sentences, and Cinder's where it has some`() throws {
        let backup = try id(backupID)
        let volume = try id(volumeID)
        let messages: [(any Error, String)] = [
            (CatalogError.backupNotFound(backup), "Backup \(backupID) could not be found."),
            (
                CatalogError.hasChildren(backup, count: 1),
                "Invalid backup: Incremental backups exist for this backup. (There is 1.)"
            ),
            (
                ServiceError.noParent(volumeID: volume),
                "Invalid backup: No backups available to do an incremental backup."
            ),
            (
                APIError.forceNeeded(volumeID: volume, reason: "mounted on /srv"),
                "Backing up an in-use volume must use the force flag. Volume \(volumeID) is in use: mounted on /srv."
            ),
            (APIError.notReady(.catalog(reason: "secret")), "The catalog cannot be read or written."),
            (APIError.notReady(.repository(reason: "/secret")), "The repository cannot be used."),
        ]
        for (error, message) in messages { #expect(Fault(error).message == message) }
    }

    @Test func `a status that does not fit is told in Cinder's words, with ours after them`() throws {
        let deleted = CatalogError.invalidStatus(
            try id(backupID), found: .restoring, expected: [.available, .error, .errorDeleting])
        let message = Fault(deleted).message
        #expect(message.hasPrefix("Invalid backup: Backup status must be available or error"))
        #expect(message.hasSuffix("(Backup \(backupID) is restoring.)"))
    }

    @Test func `what nobody expected is told to the log only`() {
        #expect(!Fault(CocoaError(.fileNoSuchFile)).message.contains("Cocoa"))
    }

    @Test func `a client's words are repeated in part`() {
        let name = String(repeating: "x", count: 60_000)
        #expect(Fault(APIError.unknownMember(name)).message.count < 200)
    }

    @Test func `every reason is explained in the manual`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let source = try String(
            contentsOf: root.appending(path: "Sources/BackupService/API/Fault+Failure.swift"), encoding: .utf8)
        let manual = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        let reasons = source.matches(of: /(?:\(\d{3}, |: )"([a-z_]+)"/).map { String($0.output.1) }
        #expect(reasons.count > 50)
        for reason in Set(reasons) { #expect(manual.contains("| `\(reason)` |"), "\(reason)") }
    }
}
