// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// What Cinder wrote restores to exactly what it was, or is refused.
    struct CinderRepositoryTests {
        @Test func `restores what Cinder wrote, and refuses what is wrong`() throws {
            let cases = try CinderFixture.all()
            #expect(cases.count >= 30)
            var settings = DaemonSettings()
            settings.maxRunningJobs = 1
            let daemon = try DaemonFixture(settings)
            var generator = SeededGenerator(seed: SeededGenerator.seed())
            for fixture in cases {
                try daemon.takeIn(fixture)
                var imported: Set<String> = []
                for backup in fixture.backups.shuffled(using: &generator) {
                    let answer = try daemon.importRecord(of: backup)
                    #expect(answer.status < 500, "\(fixture) \(backup.id): \(answer)")
                    if answer.status == 201 { imported.insert(backup.id.text) }
                    #expect(!backup.mustRestore || answer.status == 201, "\(fixture) \(backup.id): \(answer)")
                }
                for backup in fixture.backups where imported.contains(backup.id.text) {
                    try checkNewVolume(backup, daemon, fixture)
                    try checkExistingVolume(backup, daemon, fixture)
                }
            }
        }

        private func checkNewVolume(
            _ backup: CinderFixture.Backup, _ daemon: DaemonFixture, _ fixture: CinderFixture
        ) throws {
            guard let volume = try daemon.outcome(ofRestoring: backup, to: nil, "\(fixture) \(backup.id)") else {
                return
            }
            guard backup.mustRestore, let source = volume.text("source") else { return }
            #expect(try sha256(ofFile: source) == backup.restoredSHA256, "\(fixture) \(backup.id) on a new volume")
            let length = try FileManager.default.attributesOfItem(atPath: source)[.size] as? Int64
            #expect(length == backup.restoredSize, "\(fixture) \(backup.id)")
            let id = try DaemonFixture.id(volume)
            #expect(try daemon.request("DELETE", "/volumes/\(id)").status == 202)
        }

        private func checkExistingVolume(
            _ backup: CinderFixture.Backup, _ daemon: DaemonFixture, _ fixture: CinderFixture
        ) throws {
            let path = daemon.imagePath("existing")
            let before = try writeFilled(path, Int(backup.restoredSize ?? 1 << 20))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let id = try daemon.register(path)
            let volume = try daemon.outcome(ofRestoring: backup, to: id, "\(fixture) \(backup.id)")
            if backup.mustRestore {
                #expect(try sha256(ofFile: path) == backup.restoredSHA256, "\(fixture) \(backup.id) on a used volume")
            } else if volume?[key: "target_written"] != true {
                #expect(try sha256(ofFile: path) == before, "\(fixture) \(backup.id) was refused, but written")
            }
            #expect(try daemon.request("POST", "/volumes/\(id)/action", ["os-unmanage": [:]]).status == 202)
        }

        /// Fills the file with 0xa5; returns the SHA-256 of it.
        private func writeFilled(_ path: String, _ length: Int) throws -> String {
            try Data(repeating: 0xa5, count: length).write(to: URL(fileURLWithPath: path))
            return try sha256(ofFile: path)
        }
    }
}

extension DaemonFixture {
    /// Copies the repository of a case into the daemon's.
    fileprivate func takeIn(_ fixture: CinderFixture) throws {
        let files = FileManager.default
        for path in try files.subpathsOfDirectory(atPath: fixture.repository) {
            let (source, target) = (fixture.repository + "/" + path, repository + "/" + path)
            var isDirectory: ObjCBool = false
            guard files.fileExists(atPath: source, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                try files.createDirectory(atPath: target, withIntermediateDirectories: true)
            } else {
                try files.copyItem(atPath: source, toPath: target)
            }
        }
    }

    fileprivate func importRecord(of backup: CinderFixture.Backup) throws -> DaemonAnswer {
        try request(
            "POST", "/backups/import_record",
            [
                "backup-record": [
                    "backup_service": "cinder.backup.drivers.posix.PosixBackupDriver",
                    "backup_url": .string(Data(backup.record.utf8).base64EncodedString()),
                ]
            ])
    }

    /// Restores, and checks that it ends as it must; the volume, or nil when the request was refused.
    fileprivate func outcome(
        ofRestoring backup: CinderFixture.Backup, to volume: String?, _ name: String
    ) throws -> JSONValue? {
        let answer = try askForRestore(of: backup.id.text, to: volume)
        guard answer.status == 202, let id = answer.json[key: "restore"]?.text("volume_id") else {
            #expect((400..<500).contains(answer.status) && !backup.mustRestore, "\(name): \(answer)")
            return nil
        }
        let expected = backup.mustRestore ? "available" : "error_restoring"
        let ended = try wait(forVolume: id, toBe: expected)
        if !backup.mustRestore { #expect(ended.text("fail_reason") != nil, "\(name): \(ended.text)") }
        try wait(for: backup.id.text, toBe: "available")
        return ended
    }
}
