// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// What an earlier version has left: its catalog and its repository (Tests/Fixtures/cinderblock-*/README).
    struct UpgradeTests {
        private static let volume = "11111111-2222-4333-8444-555555555555"
        private static let backups = [
            (
                id: "fc3ddacc-a62a-4b41-a20f-424aa33956c6",
                sha256: "8ff951b43dde04011d789682243ace3ee85b80b7160fde29980b8066e3eb7866"
            ),
            (
                id: "1a91d85b-ce7f-4035-bacb-86bd86294600",
                sha256: "0aa04c19c886259c234f6a61a40171745cc93c53fd1d516e6548e947fd61ce90"
            ),
            (
                id: "c9533c0e-118f-449a-880e-542ec91356c6",
                sha256: "d91b3d001604ca362aeb96ac9731feb774d716ba76a4b5f837341334d7a918a0"
            ),
        ]

        private func daemon(_ version: String) throws -> DaemonFixture {
            let fixture = URL(fileURLWithPath: CinderFixture.root).deletingLastPathComponent()
                .appendingPathComponent("cinderblock-\(version)").path
            return try DaemonFixture { root, repository in
                try FileManager.default.copyItem(atPath: fixture + "/state", toPath: root.path("state"))
                try FileManager.default.removeItem(atPath: repository)
                try FileManager.default.copyItem(atPath: fixture + "/repository", toPath: repository)
                try FileManager.default.copyItem(atPath: fixture + "/disk.img", toPath: root.path("images/disk"))
            }
        }

        @Test(arguments: ["0.1.0"])
        func `opens, restores and goes on`(_ version: String) throws {
            let daemon = try daemon(version)
            #expect(try daemon.request("GET", "/readyz").status == 200)
            for backup in Self.backups {
                #expect(try daemon.status(of: backup.id) == "available")
                #expect(try sha256(ofFile: daemon.restoreToNewImage(backup.id)) == backup.sha256)
            }
            // The image is at another path than it was there.
            let image = daemon.imagePath("disk")
            #expect(try daemon.register(image, id: Self.volume) == Self.volume)
            try overwrite(image, at: 100_000, with: Array("after the upgrade".utf8))
            let next = try daemon.backUp(Self.volume, incremental: true)
            #expect(try daemon.backup(next).text("parent_id") == Self.backups[2].id)
            #expect(try daemon.backup(next).integer("object_count") == 1)
            #expect(try areIdentical(daemon.restoreToNewImage(next), image))
            try daemon.restart()
            for id in [next] + Self.backups.reversed().map(\.id) {
                #expect(try daemon.delete(id).status == 202)
                try daemon.waitUntilGone(id)
            }
            #expect(try daemon.storedFiles() == [])
        }
    }
}
