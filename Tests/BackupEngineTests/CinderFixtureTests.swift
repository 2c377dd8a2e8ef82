// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Codecs
import Foundation
import Glibc
import ObjectStorage
import Posix
import TestSupport
import Testing

/// What Cinder wrote restores to exactly what it was, or is refused.
struct CinderFixtureTests {
    @Test(arguments: try CinderFixture.all(), ["new", "existing"])
    func `restores what Cinder wrote, and refuses what is wrong`(_ fixture: CinderFixture, _ kind: String) throws {
        let scratch = try TemporaryDirectory()
        let engine = Engine(
            store: try PosixObjectStore(path: fixture.repository), pool: BufferPool(limitBytes: 64 << 20),
            spoolDirectory: scratch.path, parallelism: 2)
        for backup in fixture.backups {
            let path = scratch.path("target-\(backup.id)")
            let size = Int(backup.restoredSize ?? 1 << 20)
            let before = [UInt8](repeating: 0xa5, count: kind == "new" ? 0 : size)
            try Data(before).write(to: URL(fileURLWithPath: path))
            let target = try RestoreTarget(OpenFile(path, O_RDWR), isNew: kind == "new")
            let result = Result {
                try engine.restore(engine.openChain(try fixture.chain(of: backup)), to: target, control: JobControl())
            }
            if backup.mustRestore {
                #expect(throws: Never.self, "\(fixture) \(backup.id)") { try result.get() }
                let restored = try sha256(ofFile: path)
                #expect(restored == backup.restoredSHA256, "\(fixture) \(backup.id)")
            } else {
                #expect(throws: (any Error).self, "\(fixture) \(backup.id)") { try result.get() }
                if !target.hasBeenWritten, kind == "existing" {
                    #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == before)
                }
            }
        }
    }
}

extension CinderFixture {
    struct NoSuchRecord: Error {}

    func chain(of backup: Backup) throws -> [LayerLocation] {
        var chain: [LayerLocation] = []
        var next: Backup? = backup
        while let layer = next {
            chain.insert(
                LayerLocation(
                    backupID: layer.id, container: layer.container, names: ObjectNames(prefix: layer.prefix)), at: 0)
            guard let parentID = layer.parentID else { break }
            guard let parent = backups.first(where: { $0.id == parentID }) else { throw NoSuchRecord() }
            next = parent
        }
        return chain
    }
}

func sha256(ofFile path: String) throws -> String {
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    return try data.withUnsafeBytes { try SHA256Hasher().digest(of: $0).hex }
}
