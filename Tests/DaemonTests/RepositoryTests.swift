// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import TestSupport
import Testing

extension DaemonTests {
    /// Repositories that are not what they were, and catalogs that come back from an earlier state.
    struct RepositoryTests {
        // MARK: - Another repository

        @Test(arguments: ["empty", "a file in it", "not there"])
        func `without its disk nothing is made, deleted or lost`(_ kind: String) throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(1 << 20), name: "disk")
            let kept = try daemon.backUp(volume)
            let other = try daemon.backUp(volume)
            daemon.stop()
            try daemon.moveRepository(to: "elsewhere")
            if kind != "not there" { try daemon.makeRepository() }
            if kind == "a file in it" {
                try Data("?".utf8).write(to: URL(fileURLWithPath: daemon.repository + "/NOTE"))
            }
            try daemon.start()

            #expect(try daemon.request("GET", "/healthz").status == 200)
            #expect(try daemon.request("GET", "/readyz").status == 503)
            let body = DaemonFixture.backupRequest(of: volume)
            let refused = try daemon.request("POST", "/backups", body)
            #expect(refused.status == (kind == "not there" ? 503 : 409), "\(refused)")
            let deletion = try daemon.delete(other)
            #expect(deletion.status == refused.status, "\(deletion)")
            #expect(try daemon.status(of: other) == "available")
            let state = try daemon.repositoryView()
            #expect(state.text("state") == (kind == "not there" ? "unreachable" : "unknown"))
            #expect(state.text("reason")?.contains(daemon.repository) == true)

            // Its disk comes back while the daemon runs.
            if kind != "not there" { try FileManager.default.removeItem(atPath: daemon.repository) }
            try daemon.moveRepository(back: "elsewhere")
            #expect(try daemon.request("GET", "/readyz").status == 200)
            #expect(try areIdentical(daemon.restoreToNewImage(kept), daemon.imagePath("disk")))
            #expect(try daemon.delete(other).status == 202)
            try daemon.waitUntilGone(other)
            _ = try daemon.backUp(volume, incremental: true)
            try daemon.checkRepository("\(kind)")
        }

        @Test func `a directory that is replaced in the middle of a backup gets no complete one`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(12 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            try daemon.waitForFiles(3, of: id)
            try daemon.moveRepository(to: "elsewhere")
            try daemon.makeRepository()
            let backup = try daemon.wait(for: id, toBe: "error")
            #expect(backup.text("fail_reason")?.contains(daemon.repository) == true, "\(backup.text)")
            #expect(try daemon.storedFiles() == [])
            #expect(try daemon.volume(volume).text("status") == "available")
            try FileManager.default.removeItem(atPath: daemon.repository)
            try daemon.moveRepository(back: "elsewhere")
            let again = try daemon.backUp(volume)
            #expect(try areIdentical(daemon.restoreToNewImage(again), daemon.imagePath("disk")))
            try daemon.checkRepository("the failed one has left nothing")
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
            try daemon.checkRepository("afterwards")
        }

        @Test func `a backup can be cancelled while its repository is gone`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(12 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            try daemon.waitForFiles(3, of: id)
            try daemon.moveRepository(to: "elsewhere")
            try daemon.makeRepository()
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
            #expect(try daemon.volume(volume).text("status") == "available")
            #expect(try daemon.storedFiles() == [])
            // Its job has removed what it had made from where it had made it.
            try FileManager.default.removeItem(atPath: daemon.repository)
            try daemon.moveRepository(back: "elsewhere")
            #expect(try daemon.storedFiles() == [])
        }

        @Test func `an operator can take another repository as it is`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(1 << 20), name: "disk")
            let lost = try daemon.backUp(volume)
            daemon.stop()
            try daemon.moveRepository(to: "lost")
            try daemon.makeRepository()
            try daemon.start()
            #expect(try daemon.accept().status == 202)
            let isReady = try eventually { try daemon.repositoryView().text("state") == "ready" }
            #expect(isReady)
            let id = try daemon.backUp(volume)
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
            // The row stays. Its deletion finds nothing and says so, until it is forced.
            #expect(try daemon.delete(lost).status == 202)
            let backup = try daemon.wait(for: lost, toBe: "error_deleting")
            #expect(backup.text("fail_reason")?.contains("os-force_delete") == true, "\(backup.text)")
            #expect(try daemon.request("POST", "/backups/\(lost)/action", ["os-force_delete": nil]).status == 202)
            try daemon.waitUntilGone(lost)
        }

        // MARK: - A catalog from an earlier state

        @Test func `a backup that was completed in the time that was lost stays, and so do its children`() throws {
            let daemon = try DaemonFixture(.slow)
            let image = daemon.imagePath("disk")
            let volume = try daemon.register(.packable(4 << 20), name: "disk")
            let full = try daemon.startBackup(of: volume)
            try daemon.waitForFiles(2, of: full)
            try daemon.saveState()
            try daemon.wait(for: full, toBe: "available")
            try overwrite(image, at: 5000, with: [1, 2, 3])
            let child = try daemon.backUp(volume, incremental: true)
            try overwrite(image, at: 2 << 20, with: [4, 5, 6])
            let grandchild = try daemon.backUp(volume, incremental: true)
            let files = try daemon.storedFiles()
            daemon.stop()
            try daemon.bringBackState()
            try daemon.start()

            try daemon.wait(for: full, toBe: "available")
            #expect(try daemon.storedFiles() == files)
            #expect(try daemon.request("GET", "/readyz").status == 503)
            #expect(try daemon.repositoryView()[key: "rolled_back"] == true)
            #expect(try daemon.delete(full).reason == "catalog_rolled_back")
            var unknown: [JSONValue] = []
            let isListed = try eventually {
                unknown = try daemon.repositoryView().list("unknown_backups")
                return Set(unknown.compactMap { $0.text("id") }) == [child, grandchild]
            }
            #expect(isListed, "\(unknown)")
            #expect(unknown.allSatisfy { $0[key: "is_own"] == true }, "\(unknown)")

            #expect(try daemon.accept().status == 202)
            try daemon.wait(for: grandchild, toBe: "available")
            #expect(try daemon.request("GET", "/readyz").status == 200)
            #expect(try daemon.backup(grandchild).text("parent_id") == child)
            #expect(try areIdentical(daemon.restoreToNewImage(grandchild), image))
            try daemon.checkRepository("after it was accepted")
            try daemon.restart()
            #expect(try daemon.request("GET", "/readyz").status == 200)
        }

        @Test func `a restore and a deletion that waited do not run again`() throws {
            var settings = DaemonSettings.slow
            settings.maxRunningJobs = 1
            let daemon = try DaemonFixture(settings)
            let image = daemon.imagePath("disk")
            let volume = try daemon.register(.noise(1 << 20), name: "disk")
            let restored = try daemon.backUp(volume)
            let long = try daemon.startBackup(of: daemon.register(.packable(8 << 20), name: "long"))
            _ = try daemon.startRestore(of: restored, to: volume)
            try daemon.saveState()
            try daemon.wait(for: long, toBe: "available")
            try daemon.wait(for: restored, toBe: "available")
            try overwrite(image, at: 0, with: Array("days of work".utf8))
            let before = try sha256(ofFile: image)
            daemon.stop()
            try daemon.bringBackState()
            try daemon.start()

            let hasEnded = try eventually { try daemon.status(of: long) != "creating" }
            #expect(hasEnded)
            #expect(try daemon.status(of: restored) == "restoring", "it is held")
            #expect(try sha256(ofFile: image) == before)
            #expect(try daemon.accept().status == 202)
            try daemon.wait(for: restored, toBe: "available")
            let target = try daemon.volume(volume)
            #expect(target.text("status") == "error_restoring")
            #expect(target[key: "target_written"] == false)
            #expect(try sha256(ofFile: image) == before)
        }

        @Test func `in a catalog that nobody has accepted backups go on, and can be cancelled`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(4 << 20), name: "disk")
            try daemon.saveState()
            _ = try daemon.backUp(volume)
            daemon.stop()
            try daemon.bringBackState()
            try daemon.start()
            #expect(try daemon.repositoryView()[key: "rolled_back"] == true)
            let id = try daemon.startBackup(of: volume)
            try daemon.waitForFiles(2, of: id)
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
            let next = try daemon.backUp(volume)
            #expect(try areIdentical(daemon.restoreToNewImage(next), daemon.imagePath("disk")))
        }

        @Test func `a daemon on a copy of the state directory is refused while the first one lives`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(daemon.register(.noise(100_000), name: "disk"))
            let second = try TemporaryDirectory()
            for name in ["volumes", "images"] { _ = try second.directory(name) }
            try FileManager.default.copyItem(atPath: daemon.root.path("state"), toPath: second.path("state"))
            let configuration = second.path("cinderblock.yaml")
            try DaemonSettings().yaml(root: second.path, repository: daemon.repository).write(
                toFile: configuration, atomically: true, encoding: .utf8)
            let process = try DaemonProcess(["--config", configuration], log: daemon.logPath)
            #expect(process.waitForEnd() == .exited(75))
            #expect(daemon.log.contains("another daemon"))
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }
    }
}

extension DaemonFixture {
    func repositoryView() throws -> JSONValue {
        let answer = try request("GET", "/repository")
        guard answer.status == 200, let view = answer.json[key: "repository"] else {
            throw Unexpected("GET /repository was answered by \(answer)")
        }
        return view
    }

    func accept() throws -> DaemonAnswer { try request("POST", "/repository/action", ["accept": [:]]) }

    func moveRepository(to name: String) throws {
        try FileManager.default.moveItem(atPath: repository, toPath: root.path(name))
    }

    func moveRepository(back name: String) throws {
        try FileManager.default.moveItem(atPath: root.path(name), toPath: repository)
    }

    func makeRepository() throws {
        try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: false)
    }

    /// The state directory as a snapshot of its file system would have it, while the daemon runs.
    func saveState() throws {
        pause()
        defer { goOn() }
        try FileManager.default.copyItem(atPath: root.path("state"), toPath: root.path("snapshot"))
    }

    func bringBackState() throws {
        try FileManager.default.removeItem(atPath: root.path("state"))
        try FileManager.default.moveItem(atPath: root.path("snapshot"), toPath: root.path("state"))
    }
}
