// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// Disks that do not answer: of a volume, of the repository, of the log.
    @Suite(.enabled(if: HangingFileSystem.isPossible, "needs root and /dev/fuse"))
    struct HangTests {
        @Test func `a volume that hangs is shown as the catalog knows it, and nobody else waits for it`() throws {
            let daemon = try DaemonFixture()
            let far = try daemon.farVolumes(["disk": noiseBytes(1 << 20, seed: 1), "other": [1, 2, 3]])
            defer { far.unmount() }
            let remote = try daemon.register(far.path("disk"))
            let local = try daemon.register(.noise(100_000), name: "local")
            let backup = try daemon.backUp(local)
            far.hang()

            // More than there are handlers.
            let askers = try daemon.ask("/volumes/\(remote)", times: 40)
            for _ in 0..<20 {
                #expect(try daemon.request("GET", "/healthz").status == 200)
                #expect(try daemon.list("/backups").count == 1)
            }
            for asker in askers { #expect(try asker.receive().status == 200) }
            let shown = try daemon.list("/volumes/detail")
            #expect(Set(shown.compactMap { $0.text("id") }) == [remote, local])
            #expect(try daemon.volume(remote).integer("size_bytes") == 1 << 20)
            #expect(try daemon.volume(remote).text("status") == "available")

            let refusals = [
                try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: remote)),
                try daemon.askForRestore(of: backup, to: remote),
                try daemon.request(
                    "POST", "/manageable_volumes", ["volume": ["ref": ["source-name": .string(far.path("other"))]]]),
            ]
            for refusal in refusals {
                #expect(refusal.status == 503 && refusal.reason == "no_answer", "\(refusal)")
                #expect(refusal["Retry-After"] == "5")
            }
            #expect(try daemon.list("/backups").count == 1 && daemon.list("/volumes").count == 2, "nothing was changed")
            #expect(try daemon.volume(remote).text("status") == "available")
            #expect(try daemon.request("GET", "/readyz").status == 200)
            #expect(try daemon.client().request("GET", "/metrics").status == 200)
            let other = try daemon.backUp(local)
            #expect(try areIdentical(daemon.restoreToNewImage(other), daemon.imagePath("local")))

            far.answer()
            let isBack = try eventually {
                try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: remote)).status == 202
            }
            #expect(isBack)
        }

        @Test func `the daemon starts, and lists, while a volume hangs`() throws {
            let daemon = try DaemonFixture()
            let far = try daemon.farVolumes(["disk": noiseBytes(1000, seed: 1)])
            defer { far.unmount() }
            let remote = try daemon.register(far.path("disk"))
            far.hang()
            try daemon.restart()
            #expect(try daemon.volume(remote).integer("size_bytes") == 1000)
        }

        @Test func `a job that hangs is cancelled at once, holds up no other, and not the end of the daemon`() throws {
            let daemon = try DaemonFixture()
            let far = try daemon.farVolumes(["disk": noiseBytes(24 << 20, seed: 1)])
            defer { far.unmount() }
            let local = try daemon.register(.noise(100_000), name: "local")
            let old = try daemon.backUp(local)
            let remote = try daemon.register(far.path("disk"))
            far.hang(afterReadingTo: 4 << 20)
            let hanging = try daemon.startBackup(of: remote)
            #expect(eventually { far.isAwaited })
            #expect(try daemon.status(of: hanging) == "creating")

            #expect(try daemon.delete(hanging).status == 202)
            #expect(try daemon.status(of: hanging) == "deleting")
            let new = try daemon.backUp(local)
            #expect(try daemon.delete(old).status == 202)
            try daemon.waitUntilGone(old)
            #expect(try daemon.status(of: hanging) == "deleting", "its job still hangs")

            daemon.terminate()
            // The second signal comes with this.
            daemon.stop()
            #expect(daemon.log.contains("Jobs did not end in time"))
            let log = daemon.root.path("state/catalog.sqlite-wal")
            #expect(!FileManager.default.fileExists(atPath: log), "the catalog was closed cleanly")

            far.answer()
            try daemon.start()
            // What was cancelled is not forgotten.
            try daemon.waitUntilGone(hanging)
            #expect(try daemon.storedFiles(of: hanging) == [])
            #expect(try areIdentical(daemon.restoreToNewImage(new), daemon.imagePath("local")))
        }

        @Test func `a repository that hangs makes the daemon unready, and keeps no request waiting`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(daemon.register(.noise(1000), name: "disk"))
            let far = try HangingFileSystem(on: daemon.repository)
            defer { far.unmount() }
            far.hang()
            let askers = try daemon.ask("/readyz", times: 40) + daemon.ask("/metrics", times: 40)
            for _ in 0..<20 {
                #expect(try daemon.request("GET", "/healthz").status == 200)
                #expect(try daemon.backup(id).text("status") == "available")
            }
            let answers = try askers.map { try $0.receive() }
            #expect(answers.prefix(40).allSatisfy { $0.status == 503 })
            #expect(
                answers.dropFirst(40).allSatisfy {
                    $0.status == 200 && !$0.text.contains("cinderblock_repository_bytes")
                })
        }

        @Test func `a repository that hangs keeps the daemon neither from its start nor from its end`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let kept = try daemon.backUp(volume)
            daemon.stop()
            let far = try HangingFileSystem(on: daemon.repository)
            defer { far.unmount() }
            far.hang()
            try daemon.start()
            #expect(try daemon.request("GET", "/readyz").status == 503)
            #expect(try daemon.repositoryView().text("state") == "unanswered")
            #expect(try daemon.status(of: kept) == "available")
            let body = DaemonFixture.backupRequest(of: volume)
            #expect(try daemon.request("POST", "/backups", body).status == 503)
            #expect(try daemon.delete(kept).status == 503)
            daemon.stop()
        }

        @Test func `a progress log that hangs stops nothing: neither jobs nor requests, the end nor the start`() throws
        {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let far = try HangingFileSystem(on: daemon.root.directory("logs"), files: ["log": []])
            defer { far.unmount() }
            try FileManager.default.createSymbolicLink(
                atPath: daemon.progressLogPath, withDestinationPath: far.path("log"))
            far.hang()
            for _ in 0..<2 {
                let id = try daemon.backUp(volume)
                daemon.hangUp()
                for _ in 0..<10 { #expect(try daemon.client().request("GET", "/metrics").status == 200) }
                #expect(try daemon.delete(id).status == 202)
                try daemon.waitUntilGone(id)
                try daemon.restart()
            }
        }

        @Test func `a reader of stderr that stops reading keeps nobody waiting`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            daemon.stop()
            try FileManager.default.removeItem(atPath: daemon.logPath)
            try systemCall("make", daemon.logPath) { mkfifo(daemon.logPath, 0o600) }
            // What fails is shown with its log: a FIFO would keep the test waiting for it.
            defer { try? FileManager.default.removeItem(atPath: daemon.logPath) }
            let reader = try OpenFile(daemon.logPath, O_RDONLY | O_NONBLOCK)
            try systemCall("shrink", daemon.logPath) { fcntl(reader.descriptor, 1031, 4096) }  // F_SETPIPE_SZ
            try daemon.start()
            try FileManager.default.moveItem(atPath: daemon.repository, toPath: daemon.repository + ".gone")
            // Each leaves a line, and the pipe holds some thirty.
            for _ in 0..<200 { #expect(try daemon.request("GET", "/readyz").status == 503) }
            try FileManager.default.moveItem(atPath: daemon.repository + ".gone", toPath: daemon.repository)
            _ = try daemon.backUp(volume)
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            var text = ""
            let isTold = eventually {
                let count = read(reader.descriptor, &bytes, bytes.count)
                if count > 0 { text += String(decoding: bytes[..<count], as: UTF8.self) }
                return text.contains("Backup finished")
            }
            #expect(isTold && text.matches(of: /Request failed/).count == 200, "in order, and none is missing")

            for _ in 0..<200 { _ = try daemon.request("POST", "/backups/import_record", "x") }
            daemon.stop()
        }
    }
}

extension DaemonFixture {
    /// A file system among the volumes' paths that can stop answering.
    fileprivate func farVolumes(_ files: [String: [UInt8]]) throws -> HangingFileSystem {
        try HangingFileSystem(on: root.directory("images/far"), files: files)
    }

    /// Asks the same so many times at once; the answers are to be received from the clients.
    fileprivate func ask(_ path: String, times: Int) throws -> [RawHTTPClient] {
        try (0..<times).map { _ in
            let client = try client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
            return client
        }
    }
}
