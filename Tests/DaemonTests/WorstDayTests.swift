// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// The script of docs/operations.md, "The database is gone", as it stands there.
    @Suite(.enabled(if: hasTools, "no python3 or curl in PATH"))
    struct WorstDayTests {
        @Test func `the script brings everything back that can be read, and says what cannot`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(300_000), name: "disk")
            let full = try daemon.backUp(volume, container: "line\nbreak 'and' \"quotes\"")
            let first = try daemon.root.copy(daemon.imagePath("disk"), "first")
            try overwrite(daemon.imagePath("disk"), at: 5000, with: noiseBytes(50_000, seed: 8))
            let child = try daemon.backUp(volume, incremental: true)
            let bare = try daemon.backUp(daemon.register(.noise(1000), name: "bare"), container: "bare")
            try damage(daemon, bare: bare)

            daemon.stop()
            try FileManager.default.removeItem(atPath: daemon.root.path("state"))
            try daemon.start()
            #expect(try daemon.list("/backups").isEmpty)
            let said = try Shell.run("bash", "-c", script(for: daemon))
            #expect(try Set(daemon.list("/backups").map(DaemonFixture.id)) == [full, child, bare], "\(said)")
            #expect(said.contains("garbage_metadata: JSONDecodeError"), "\(said)")
            #expect(said.contains("list_metadata: "), "\(said)")
            #expect(!said.contains(".tmp-"), "\(said)")
            #expect(try areIdentical(daemon.restoreToNewImage(full), first))
            #expect(try areIdentical(daemon.restoreToNewImage(child), daemon.imagePath("disk")))
            #expect(try areIdentical(daemon.restoreToNewImage(bare), daemon.imagePath("bare")))
        }

        /// As crashes, other programs and old releases leave a repository.
        private func damage(_ daemon: DaemonFixture, bare: String) throws {
            let container = daemon.repository + "/bare"
            let metadata = try #require(
                FileManager.default.contentsOfDirectory(atPath: container).first { $0.hasSuffix("_metadata") })
            for (name, text) in [
                (".tmp-x-\(metadata)", #"{"backup_id": ""#), ("garbage_metadata", "garbage"), ("list_metadata", "[]"),
                ("empty_metadata", ""), ("other_metadata", "{}"),
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: container + "/" + name))
            }
            try FileManager.default.createDirectory(
                atPath: container + "/directory_metadata", withIntermediateDirectories: true)
            // Without members that Cinder reads, and does not miss.
            let path = URL(fileURLWithPath: container + "/" + metadata)
            guard case .object(let members) = try JSONValue(parsing: [UInt8](Data(contentsOf: path))) else {
                Issue.record("\(metadata) is no object")
                return
            }
            let old = JSONValue.object(members.filter { !["parent_id", "created_at", "backup_name"].contains($0.key) })
            try Data(old.utf8).write(to: path)
        }

        private func script(for daemon: DaemonFixture) throws -> String {
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
            let manual = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
            let start = try #require(manual.range(of: "    cd /var/lib/cinderblock/backups && find"))
            let end = try #require(manual.range(of: "\n    done\n", range: start.lowerBound..<manual.endIndex))
            return manual[start.lowerBound..<end.upperBound].split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }.joined(separator: "\n")
                .replacing("/var/lib/cinderblock/backups", with: daemon.repository)
                .replacing("/run/cinderblock/api.sock", with: daemon.root.path("api.sock"))
        }
    }

    private static let hasTools = ["python3", "curl", "bash"].allSatisfy { (try? Shell.run("which", $0)) != nil }
}
