// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

/// What Cinder wrote, read and written again, is the same bytes.
struct FixtureFormatTests {
    static func files(_ suffix: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: CinderFixture.root).sorted().filter {
            // Python 2 left a blank at the end of each line; the others are broken on purpose.
            $0.hasSuffix(suffix) && !$0.hasPrefix("as-written-in-2016") && !$0.hasPrefix("unknown-version")
                && !$0.hasPrefix("missing-metadata")
        }
    }

    private func bytes(_ file: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: CinderFixture.root + "/" + file)))
    }

    @Test(arguments: try files("_metadata"))
    func `metadata are written as Cinder writes them`(_ file: String) throws {
        let text = try bytes(file)
        for pieceBytes in [1, 100, 1 << 20] {
            var objects: [StoredObject] = []
            let metadata = try BackupMetadata(from: JSONReader(pieces: text, of: pieceBytes)) { objects.append($0) }
            #expect(metadata.sizeBytes == nil)
            var written: [UInt8] = []
            try metadata.write(to: { written += $0 }) { put in for object in objects { try put(object) } }
            #expect(String(decoding: written, as: UTF8.self) == String(decoding: text, as: UTF8.self))
        }
    }

    @Test(arguments: try files("_sha256file"))
    func `sha256files are written as Cinder writes them`(_ file: String) throws {
        let text = try bytes(file)
        let metadataText = try bytes(file.replacingOccurrences(of: "_sha256file", with: "_metadata"))
        let metadata = try BackupMetadata(from: JSONReader(metadataText)) { _ in }
        for pieceBytes in [1, 100, 1 << 20] {
            var digests: [SHA256Digest] = []
            let list = try DigestList(from: JSONReader(pieces: text, of: pieceBytes)) { digests.append($0) }
            #expect(list.backupID == metadata.backupID && list.volumeID == metadata.volumeID)
            var written: [UInt8] = []
            var writer = DigestListWriter(
                DigestList(describing: metadata, blockBytes: list.blockBytes), to: { written += $0 })
            try writer.append(contentsOf: digests)
            try writer.finish()
            #expect(written == text)
        }
    }

    @Test(
        arguments: try FileManager.default.subpathsOfDirectory(atPath: CinderFixture.root).filter {
            $0.hasPrefix("as-written-in-2016") && ($0.hasSuffix("_metadata") || $0.hasSuffix("_sha256file"))
        })
    func `the layout of Python 2 is read as well`(_ file: String) throws {
        let text = try bytes(file)
        if file.hasSuffix("_metadata") {
            #expect(throws: Never.self) { try BackupMetadata(from: JSONReader(text)) { _ in } }
        } else {
            #expect(throws: Never.self) { try DigestList(from: JSONReader(text)) { _ in } }
        }
    }
}
