// SPDX-License-Identifier: Apache-2.0

/// Why a backup, a restore or a deletion did not succeed.
package enum EngineError: Error, Equatable, CustomStringConvertible {
    case cancelled
    case memoryLimitTooSmall(needed: Int, limit: Int)
    case volumeEndedEarly(path: String, offset: Int64, length: Int64)
    case notAVolume(path: String)
    case emptyDevice(path: String)
    case sectorsTooLarge(path: String, sectorBytes: Int)
    case emptyPrefix
    case badMetadata(name: String, reason: String)
    case badDigestList(name: String, reason: String)
    case recordDisagrees(name: String, member: String, found: String, recorded: String)
    case foreignObject(name: String, listedBy: String)
    case duplicateObject(name: String)
    case missingObject(name: String, container: String)
    case unlistedObject(name: String, container: String)
    case uncoveredRange(offset: Int64, length: Int64)
    case digestCountDisagrees(name: String, digests: Int, sizeBytes: Int64)
    case targetTooSmall(path: String, length: Int64, needed: Int64)
    case corruptObject(name: String, reason: String)
    case corruptBlock(name: String, offset: Int64)
    case strangeObject(name: String, container: String)
    case vanishedObject(name: String, container: String)
    case alteredObject(name: String, container: String, stored: Int64, found: Int64)
    case notWhole(bytesDone: Int64, bytesTotal: Int64)
    case completionInDoubt(name: String, container: String, reason: String)

    package var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .memoryLimitTooSmall(let needed, let limit):
            "this needs buffers of \(needed) bytes, more than memory_limit_bytes (\(limit)) allows"
        case .volumeEndedEarly(let path, let offset, let length):
            "\(path) ends at offset \(offset), but it was \(length) bytes long when the backup began"
        case .notAVolume(let path): "\(path) is neither a regular file nor a block device"
        case .emptyDevice(let path): "\(path) is a device of 0 bytes: there is nothing in it"
        case .sectorsTooLarge(let path, let sectorBytes):
            "\(path) has sectors of \(sectorBytes) bytes; no more than 4096 are supported"
        case .emptyPrefix: "the backup has an empty object name prefix, which could mean any object"
        case .badMetadata(let name, let reason): "metadata object \(name) cannot be used: \(reason)"
        case .badDigestList(let name, let reason): "sha256file \(name) cannot be used: \(reason)"
        case .recordDisagrees(let name, let member, let found, let recorded):
            "metadata object \(name) is not that of this record: its \(member) is \(found), the record says \(recorded)"
        case .foreignObject(let name, let metadata): "\(metadata) lists \(name), which is no object of this backup"
        case .duplicateObject(let name): "object \(name) is listed twice in the metadata"
        case .missingObject(let name, let container):
            "object \(name) is listed in the metadata but missing in container \(container)"
        case .unlistedObject(let name, let container):
            "container \(container) holds \(name), which the metadata do not list"
        case .uncoveredRange(let offset, let length):
            "no object of the chain holds the \(length) bytes at offset \(offset)"
        case .digestCountDisagrees(let name, let digests, let sizeBytes):
            "sha256file \(name) lists \(digests) blocks, which do not make \(sizeBytes) bytes"
        case .targetTooSmall(let path, let length, let needed):
            "\(path) is \(length) bytes long, but the backup needs \(needed)"
        case .corruptObject(let name, let reason): "object \(name) is damaged: \(reason)"
        case .corruptBlock(let name, let offset):
            "object \(name) is damaged: the block at offset \(offset) of the volume does not have its SHA-256"
        case .strangeObject(let name, let container):
            "container \(container) holds \(name), which this backup has not made"
        case .vanishedObject(let name, let container):
            "object \(name) was stored in container \(container), and is not there any more"
        case .alteredObject(let name, let container, let stored, let found):
            "object \(name) was stored in container \(container) with \(stored) bytes, and has \(found) there"
        case .notWhole(let bytesDone, let bytesTotal): "only \(bytesDone) of \(bytesTotal) bytes of the volume are done"
        case .completionInDoubt(let name, let container, let reason):
            "nobody knows whether the backup is complete, with \(name) in container \(container): \(reason)"
        }
    }
}
