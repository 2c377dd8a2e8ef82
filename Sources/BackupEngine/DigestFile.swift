// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// The digests of a backup's sha256file, as a list on disk that can be read anywhere.
package struct DigestFile: Sendable {
    package let blockBytes: Int
    package let digests: Spool<SHA256Digest>
}

extension Engine {
    /// Reads all of a backup's sha256file.
    /// - Throws: `StorageError.objectNotFound` when there is none; `EngineError.badDigestList`.
    package func digests(
        of names: ObjectNames, in container: String, control: JobControl = JobControl()
    ) throws -> DigestFile {
        let object = try store.open(names.sha256file, in: container)
        let digests: Spool<SHA256Digest> = spool()
        let list = try readingDigestList(names.sha256file) {
            try DigestList(from: JSONReader(reading: object)) { digest in
                try control.stopIfAbandoned()
                try digests.append(digest)
            }
        }
        return DigestFile(blockBytes: list.blockBytes, digests: digests)
    }
}

/// What is wrong with the text of a sha256file is `EngineError.badDigestList`.
func readingDigestList<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as JSONError {
        throw EngineError.badDigestList(name: name, reason: error.description)
    } catch let error as FormatError {
        throw EngineError.badDigestList(name: name, reason: error.description)
    }
}
