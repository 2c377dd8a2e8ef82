// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// What the daemon keeps from others, and from itself, without its unit.
    struct ConfinementTests {
        private static let nobody = 65534
        private static let asNobody = ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"]
        private static let canBecomeNobody = isRoot && hasCommand("setpriv")

        @Test func `it gains no privileges and leaves no core files`() throws {
            let daemon = try DaemonFixture()
            #expect(try daemon.proc("status").contains("\nNoNewPrivs:\t1\n"))
            let limit = try daemon.proc("limits").split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(limit?.split(separator: " ").suffix(3) == ["0", "0", "bytes"])
            #expect(!daemon.log.contains("could not be confined"), "\(daemon.log)")
        }

        /// The files of a process that may not be dumped belong to root, whoever runs it.
        @Test(.enabled(if: canBecomeNobody, "needs root and setpriv"))
        func `a daemon without rights shows its memory to nobody, and backs up and restores`() throws {
            let daemon = try DaemonFixture(launcher: Self.asNobody) { root, repository in
                try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
                for path in [root.path, repository, root.path("images")] {
                    try systemCall("chown", path) { chown(path, uid_t(Self.nobody), gid_t(Self.nobody)) }
                }
            }
            #expect(try daemon.proc("status").contains("\nUid:\t\(Self.nobody)\t\(Self.nobody)\t"))
            let owner = try FileManager.default.attributesOfItem(atPath: daemon.procPath + "/mem")[.ownerAccountID]
            #expect(owner as? Int == 0)

            try VolumeImage.mixed(3_000_000).write(to: daemon.imagePath("disk"))
            try systemCall("chmod", "the image") { chmod(daemon.imagePath("disk"), 0o644) }
            let id = try daemon.backUp(daemon.register(daemon.imagePath("disk")))
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
            // With O_DIRECT alone, by way of /proc/self/fd.
            let device = try daemon.loopDevice("device", .noise(4 << 20))
            try systemCall("chown", device.path) { chown(device.path, uid_t(Self.nobody), gid_t(Self.nobody)) }
            defer { chown(device.path, 0, 6) }
            let volume = try daemon.register(device.path)
            #expect(try daemon.restore(daemon.backUp(volume), to: volume).text("status") == "available")
            #expect(try daemon.metrics()["process_open_fds"] ?? 0 > 3)
        }

        /// Not even what whoever started the daemon has left open.
        @Test func `no descriptor outlives the program`() throws {
            let daemon = try DaemonFixture()
            let stream = try daemon.client()
            try stream.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
            let volume = try daemon.register(.noise(8 << 20), name: "disk")
            let job = try daemon.startBackup(of: volume)
            var seen: Set<String> = []
            repeat {
                for name in try FileManager.default.contentsOfDirectory(atPath: daemon.procPath + "/fdinfo") {
                    guard let number = Int(name), number > 2, let text = try? daemon.proc("fdinfo/\(name)"),
                        let target = try? FileManager.default.destinationOfSymbolicLink(
                            atPath: daemon.procPath + "/fd/\(name)"),
                        let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags:") }),
                        let value = UInt32(flags.split(separator: "\t").last ?? "", radix: 8)
                    else { continue }
                    seen.insert(target)
                    #expect(value & UInt32(O_CLOEXEC) != 0, "\(target)")
                }
            } while try daemon.status(of: job) == "creating"
            #expect(seen.contains { $0.hasPrefix("socket:") } && seen.contains { $0.contains("catalog.sqlite") })
        }

        /// The mask of whoever starts the daemon neither opens nor closes anything.
        @Test(arguments: ["0", "777"])
        func `every file and socket has a mode of its own`(umask: String) throws {
            let become = ["sh", "-c", "umask \(umask); exec \"$@\"", "sh"]
            let daemon = try DaemonFixture(launcher: become)
            let id = try daemon.backUp(daemon.register(.noise(500_000), name: "disk"))
            _ = try daemon.restoreToNewImage(id)
            _ = try daemon.waitForEvent("backup.restore.end", of: id)

            #expect(try mode(of: daemon.root.path("api.sock")) == 0o660)
            #expect(try mode(of: daemon.progressLogPath) == 0o640)
            for name in ["state", "volumes"] {
                #expect(try mode(of: daemon.root.path(name)) == 0o700)
                for path in try FileManager.default.subpathsOfDirectory(atPath: daemon.root.path(name)) {
                    let file = daemon.root.path(name + "/" + path)
                    guard let mode = try? self.mode(of: file) else { continue }
                    #expect(mode == 0o600 || mode == 0o700, "\(file) has \(String(mode, radix: 8))")
                }
            }
            for path in try daemon.storedFiles() {
                let mode = try mode(of: daemon.repository + "/" + path)
                #expect(mode == 0o660, "\(path) has \(String(mode, radix: 8))")
            }
        }

        /// As under systemd/unix-only.conf.
        @Test(.enabled(if: isRoot && hasCommand("unshare"), "needs root and unshare"))
        func `on unix sockets alone it needs no network`() throws {
            let daemon = try DaemonFixture(launcher: ["unshare", "--net"])
            let id = try daemon.backUp(daemon.register(.noise(500_000), name: "disk"))
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }

        private func mode(of path: String) throws -> Int {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            return try #require(mode)
        }
    }
}
