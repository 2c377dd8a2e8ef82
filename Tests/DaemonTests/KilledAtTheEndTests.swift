// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import TestSupport
import Testing

extension DaemonTests {
    /// kill -9 between any two steps of a backup's end.
    struct KilledAtTheEndTests {
        @Test(arguments: [
            "close -00002", "close _sha256file", "syncfs /repository/", "fsync _metadata", "close _metadata",
            "rename _metadata", "renamed _metadata", "fsyncdir /repository/", "close /digests/",
        ])
        func `what is available then is whole, and of what is not nothing is left`(_ step: String) throws {
            let faults = try SystemFaults()
            var settings = DaemonSettings()
            settings.compression = "none"
            settings.chunkBytes = 1 << 20
            let daemon = try DaemonFixture(settings, environment: faults.environment)
            let volume = try daemon.register(.noise(1 << 20 + 40_000), name: "disk")
            try faults.set("\(step) \(-SIGKILL)", "type / \(0xef53)")
            // It may be dead before it has answered.
            _ = try? daemon.startBackup(of: volume)
            #expect(eventually(within: DaemonFixture.patience) { !daemon.isRunning }, "it came to that step")
            try faults.set()
            try daemon.start()
            let id = try DaemonFixture.id(#require(daemon.list("/backups/detail").first))
            let isSettled = try eventually(within: DaemonFixture.patience) {
                try daemon.status(of: id) != "creating"
            }
            #expect(isSettled)
            switch try daemon.status(of: id) {
            case "error": #expect(try daemon.storedFiles() == [])
            case "available": #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
            default: Issue.record("\(try daemon.backup(id).text)")
            }
            try daemon.checkRepository("after \(step)")
            let next = try daemon.backUp(volume, incremental: daemon.status(of: id) == "available")
            #expect(try areIdentical(daemon.restoreToNewImage(next), daemon.imagePath("disk")))
        }
    }
}
