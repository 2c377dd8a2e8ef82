// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Codecs
import HTTPServer
import HTTPTypes
import ObjectStorage
import Posix

extension Fault {
    package init(_ error: any Error) {
        let failure = Failure(error)
        let (status, reason) = failure.verdict
        self.init(status, reason, failure.message)
        switch failure {
        case .api(.methodNotAllowed(_, let allowed)): headers[.allow] = allowed.joined(separator: ", ")
        case .api(.keyInProgress): headers[.retryAfter] = "1"
        case .catalog(.tooManyJobs): headers[.retryAfter] = "60"
        case .service(.noAnswer): headers[.retryAfter] = "5"
        case .api(.encodedBody): headers[.acceptEncoding] = "identity"
        case .api(.unauthorized): headers[.wwwAuthenticate] = Authentication.challenge
        default: break
        }
    }
}

extension Failure {
    /// The status code and the `reason` of every failure. A client's mistake is never a 5xx.
    fileprivate var verdict: (status: Int, reason: String) {
        switch self {
        case .api(.noSuchResource): (404, "not_found")
        case .api(.noSuchBackup), .catalog(.backupNotFound): (404, "backup_not_found")
        case .api(.noSuchVolume), .catalog(.volumeNotFound): (404, "volume_not_found")
        case .api(.methodNotAllowed): (405, "method_not_allowed")
        case .api(.unauthorized): (401, "unauthorized")
        case .api(.forbidden): (403, "forbidden")
        case .api(.foreignOrigin): (403, "foreign_origin")
        case .api(.wrongHost): (421, "wrong_host")
        case .api(.malformedVersion): (400, "malformed_version")
        case .api(.unsupportedVersion): (406, "unsupported_version")
        case .api(.unsupportedMediaType): (415, "unsupported_media_type")
        case .api(.encodedBody): (415, "unsupported_content_encoding")
        case .api(.missingBody): (400, "missing_body")
        case .api(.malformedBody): (400, "malformed_body")
        case .api(.missingMember): (400, "missing_member")
        case .api(.unknownMember): (400, "unknown_member")
        case .api(.repeatedMember): (400, "repeated_member")
        case .api(.wrongType): (400, "wrong_type")
        case .api(.badMember): (400, "bad_value")
        case .api(.tooLong): (400, "too_long")
        case .api(.unsupportedMember): (400, "unsupported_member")
        case .api(.unknownAction): (400, "unknown_action")
        case .api(.nothingToChange): (400, "nothing_to_change")
        case .api(.unknownParameter): (400, "unknown_parameter")
        case .api(.repeatedParameter): (400, "repeated_parameter")
        case .api(.badParameter): (400, "bad_parameter")
        case .api(.forceNeeded): (400, "force_needed")
        case .api(.malformedKey): (400, "malformed_key")
        case .api(.keyInProgress): (409, "key_in_progress")
        case .api(.notReady): (503, "not_ready")

        case .service(.volumeInUse): (400, "volume_in_use")
        case .service(.notWritable): (400, "volume_read_only")
        case .service(.noParent): (400, "no_parent")
        case .storage(.badContainerName): (400, "bad_container")
        case .service(.pathNotAllowed): (400, "path_not_allowed")
        case .service(.badSource), .engine(.notAVolume), .engine(.emptyDevice), .engine(.sectorsTooLarge):
            (400, "bad_source")
        case .service(.volumeTooSmall), .engine(.targetTooSmall): (400, "volume_too_small")
        case .service(.sizeTooSmall): (400, "size_too_small")
        case .service(.notOwned): (400, "volume_not_owned")
        case .service(.owned): (400, "volume_owned")
        case .service(.metadataUnreadable): (400, "metadata_unreadable")
        case .catalog(.resetRefused): (400, "reset_refused")
        case .service(.badRecord), .engine(.recordDisagrees): (400, "bad_record")
        case .service(.unknownService): (400, "unknown_service")
        case .service(.restoreRefused): (400, "restore_refused")
        case .service(.noSuchMetadata): (404, "metadata_not_found")
        case .service(.volumeMetaTooLong): (400, "too_long")
        case .service(.noAnswer): (503, "no_answer")
        case .service(.nothingFound): (409, "nothing_found")
        case .service(.repositoryNotScanned): (503, "not_ready")

        case .repository(.rolledBack): (409, "catalog_rolled_back")
        case .repository(.notReady(_, .unknown)): (409, "repository_unknown")
        case .repository(.notReady(_, .inUse)): (409, "repository_in_use")
        case .repository(.notReady(_, .readOnly)): (409, "repository_read_only")
        case .repository(.notReady(_, .unanswered)), .repository(.notReady(_, .unreachable)),
            .repository(.notReady(_, .ready)):
            (503, "not_ready")

        case .catalog(.backupExists): (400, "backup_exists")
        case .catalog(.volumeExists): (400, "volume_exists")
        case .catalog(.invalidStatus): (400, "invalid_status")
        case .catalog(.volumeBusy): (400, "volume_busy")
        case .catalog(.hasChildren): (400, "has_dependent_backups")
        case .catalog(.protected), .catalog(.tooYoung): (400, "protected")
        case .catalog(.prefixInUse): (400, "prefix_in_use")
        case .catalog(.sourceInUse), .catalog(.deviceInUse): (400, "source_registered")
        case .catalog(.parentUnavailable): (400, "parent_unavailable")
        case .catalog(.missingAncestor), .catalog(.foreignAncestor), .catalog(.unusableAncestor),
            .catalog(.ancestorLoop):
            (400, "broken_chain")
        case .catalog(.keyReused): (422, "key_reused")
        case .catalog(.tooManyKeys): (429, "too_many_keys")
        case .catalog(.tooManyJobs): (429, "too_many_jobs")
        case .catalog(.textWithNUL): (400, "bad_value")
        case .catalog(.newerSchema), .catalog(.damaged), .catalog(.notDurable): (500, "catalog_unusable")
        case .catalog(.inUse), .catalog(.storage): (503, "catalog_unavailable")

        // What is in the repository need not be what this daemon wrote, and the request named it.
        case .storage(.badObjectName), .engine(.emptyPrefix), .engine(.badMetadata), .engine(.badDigestList),
            .engine(.foreignObject), .engine(.duplicateObject), .engine(.unlistedObject), .engine(.uncoveredRange),
            .engine(.digestCountDisagrees), .format, .json:
            (400, "bad_metadata")
        case .storage(.objectNotFound), .storage(.notAFile), .engine(.missingObject): (400, "missing_object")
        case .engine(.corruptObject), .engine(.corruptBlock), .codec(.corrupt), .codec(.truncated):
            (400, "corrupt_object")
        case .engine(.volumeEndedEarly): (400, "volume_ended_early")
        case .engine(.cancelled), .codec(.abandoned): (409, "cancelled")
        case .engine(.memoryLimitTooSmall): (400, "memory_limit_too_small")

        // Only a job meets these, whose record says so.
        case .storage(.nameTaken), .storage(.mayBeStored), .engine(.strangeObject), .engine(.vanishedObject),
            .engine(.alteredObject), .engine(.notWhole), .engine(.completionInDoubt):
            (500, "internal")
        case .storage(.rootReplaced), .storage(.containerReplaced), .storage(.damagedMark): (503, "not_ready")
        case .codec(.outOfMemory): (503, "out_of_memory")
        case .codec(.inputTooLong), .codec(.libraryFailed), .codec(.digestUnavailable), .codec(.noRandomness):
            (500, "internal")
        case .system(let error) where error.isOutOfSpace: (503, "no_space")
        case .system(let error) where error.isFileTooLarge: (400, "file_too_large")
        case .system: (500, "system_call_failed")
        case .http(let refusal): (refusal.status.code, refusal.reason)
        case .unknown: (500, "internal")
        }
    }

    /// What people read. Cinder's own words where it has some: they are known, and searched for.
    fileprivate var message: String {
        switch self {
        case .catalog(.hasChildren(_, let count)):
            "Invalid backup: Incremental backups exist for this backup. (There \(count == 1 ? "is 1" : "are \(count)").)"
        case .catalog(.invalidStatus(let id, let found, let expected)):
            "Invalid backup: Backup status must be \(expected.map(\.rawValue).joined(separator: " or ")). "
                + "(Backup \(id) is \(found.rawValue).)"
        case .service(.noParent): "Invalid backup: No backups available to do an incremental backup."
        // Who asks this needs no token, and so gets no details.
        case .api(.notReady(let error)): error.summary
        case .catalog(let error): sentence(error)
        case .api(let error): sentence(error)
        case .service(let error): sentence(error)
        case .repository(let error): sentence(error)
        case .storage(let error): sentence(error)
        case .engine(let error): sentence(error)
        case .format(let error): sentence(error)
        case .json(let error): sentence(error)
        case .codec(let error): sentence(error)
        case .system(let error): sentence(error)
        case .http(let refusal): sentence(refusal)
        case .unknown: "The daemon made a mistake. Its log says more under this request's id."
        }
    }
}

/// The description, from a capital to a full stop.
private func sentence(_ error: some CustomStringConvertible) -> String {
    let text = error.description
    let start = text.prefix(1).uppercased() + text.dropFirst()
    return start.hasSuffix(".") ? start : start + "."
}

extension Refusal {
    fileprivate var reason: String {
        switch self {
        case .headTimedOut, .bodyTimedOut: "request_timeout"
        case .bodyTooLarge: "body_too_large"
        case .requestLineTooLong: "request_line_too_long"
        case .unmetExpectation: "unmet_expectation"
        case .headersTooLarge, .tooManyHeaders: "headers_too_large"
        case .unsupportedMethod: "unsupported_method"
        case .unsupportedTransferEncoding: "unsupported_transfer_encoding"
        case .unsupportedVersion: "unsupported_http_version"
        case .tooManyLastingReplies: "too_many_watchers"
        case .tooManyOfUser, .noDescriptors: "too_many_connections"
        case .tooMuchReceived, .tooMuchToSend: "too_much_at_once"
        case .bareCarriageReturn, .bareLineFeed, .forbiddenByte, .malformedRequestLine, .malformedTarget,
            .malformedHeader, .foldedHeader, .hostNotGivenOnce, .malformedHost, .malformedContentLength,
            .conflictingFraming, .transferEncodingInHTTP10, .chunkedNotLast, .malformedChunk:
            "malformed_request"
        }
    }
}
