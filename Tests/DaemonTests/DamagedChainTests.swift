// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// Increments on a chain of which something is gone.
    struct DamagedChainTests {
        private let daemon: DaemonFixture
        private let volume: String
        private let full: String
        private let child: String

        init() throws {
            daemon = try DaemonFixture()
            volume = try daemon.register(.mixed(2_000_000), name: "disk")
            full = try daemon.backUp(volume)
            try overwrite(daemon.imagePath("disk"), at: 700_000, with: noiseBytes(100_000, seed: 2))
            child = try daemon.backUp(volume, incremental: true)
            try overwrite(daemon.imagePath("disk"), at: 900_000, with: noiseBytes(100_000, seed: 3))
        }

        private func file(_ suffix: String, of backup: String) throws -> String {
            let name = try #require(daemon.storedFiles(of: backup).first { $0.hasSuffix(suffix) })
            return daemon.repository + "/" + name
        }

        private func damagedBackups() throws -> Double? { try daemon.metrics()["cinderblock_damaged_backups"] }

        @Test(arguments: ["-00001", "_metadata"], [true, false])
        func `what is gone makes the next backup full, and is told everywhere`(
            _ suffix: String, isParent: Bool
        ) throws {
            #expect(try damagedBackups() == 0)
            let damaged = isParent ? child : full
            try FileManager.default.removeItem(atPath: file(suffix, of: damaged))
            let next = try daemon.backUp(volume, incremental: true)
            let answer = try daemon.backup(next)
            #expect(answer[key: "is_incremental"] == false && answer.text("parent_id") == nil)
            let reason = "full instead of incremental: backup \(damaged) is damaged"
            #expect(answer.text("remark")?.hasPrefix(reason) == true)
            #expect(try areIdentical(daemon.restoreToNewImage(next), daemon.imagePath("disk")))
            #expect(try daemon.backup(damaged).text("remark")?.hasPrefix("damaged: ") == true)
            #expect(try daemon.status(of: damaged) == "available")
            #expect(try damagedBackups() == 1)
            #expect(daemon.log.contains("error Backup is damaged backup_id=\(damaged)"))
            #expect(daemon.log.contains("notice Backup is full backup_id=\(next)"))

            // The next one stands on the full backup, as if nothing had been.
            let later = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(later).text("parent_id") == next)
            for id in [child, full] {
                #expect(try daemon.delete(id).status == 202)
                try daemon.waitUntilGone(id)
            }
            #expect(try damagedBackups() == 0)
        }

        @Test func `a list of digests that is damaged further in fails one backup, and the next is full`() throws {
            let path = try file("_sha256file", of: child)
            var text = try String(contentsOfFile: path, encoding: .utf8)
            let middle = text.index(text.startIndex, offsetBy: text.count / 2)
            text.replaceSubrange(middle..<text.index(after: middle), with: "}")
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            // The local copy would do without.
            try FileManager.default.removeItem(atPath: daemon.root.path("state/digests/\(volume)"))
            let failed = try daemon.startBackup(of: volume, incremental: true)
            try daemon.wait(for: failed, toBe: "error")
            #expect(try daemon.backup(child).text("remark")?.hasPrefix("damaged: ") == true)
            let next = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(next).text("remark")?.contains("known to be damaged") == true)
            #expect(try areIdentical(daemon.restoreToNewImage(next), daemon.imagePath("disk")))
            let later = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(later).text("parent_id") == next)
        }

        @Test func `the parent's list of digests counts, an ancestor's does not`() throws {
            try FileManager.default.removeItem(atPath: file("_sha256file", of: full))
            let next = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(next).text("parent_id") == child)
            try FileManager.default.removeItem(atPath: file("_sha256file", of: next))
            let last = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(last).text("remark")?.contains("\(next) is damaged") == true)
            #expect(try areIdentical(daemon.restoreToNewImage(last), daemon.imagePath("disk")))
        }

        @Test func `one that was mended is reset, when it is whole`() throws {
            let object = try file("-00001", of: full)
            try FileManager.default.moveItem(atPath: object, toPath: daemon.root.path("kept"))
            _ = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.reset(full, to: "available").reason == "metadata_unreadable")
            #expect(FileManager.default.createFile(atPath: object, contents: Data()))
            #expect(try daemon.reset(full, to: "available").reason == "metadata_unreadable")
            #expect(try damagedBackups() == 1)
            try FileManager.default.removeItem(atPath: object)
            try FileManager.default.moveItem(atPath: daemon.root.path("kept"), toPath: object)
            #expect(try daemon.reset(full, to: "available").status == 202)
            #expect(try damagedBackups() == 0)
            #expect(try daemon.backup(full)[key: "remark"] == .null)
        }

        @Test(.enabled(if: !isRoot, "root may read everything"))
        func `what cannot be read now is an error, and no reason for a full backup`() throws {
            let metadata = try file("_metadata", of: full)
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: metadata)
            let next = try daemon.startBackup(of: volume, incremental: true)
            let answer = try daemon.wait(for: next, toBe: "error")
            #expect(answer.text("fail_reason")?.contains("errno 13") == true)
            #expect(try damagedBackups() == 0)
        }
    }
}
