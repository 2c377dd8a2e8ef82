// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Testing

/// What `didCommit` is told.
struct ChangeTests {
    private let fixture: CatalogFixture
    init() throws { fixture = try CatalogFixture() }

    /// The changes since `start` transactions, as text.
    private func told(since start: Int) -> [[String]] {
        fixture.toldChanges.dropFirst(start).map { changes in
            changes.map { change in
                switch change {
                case .backup(let backup, let before):
                    "backup \(before?.rawValue ?? "-") \(backup.status.rawValue)"
                case .volume(let volume, let before):
                    "volume \(before?.rawValue ?? "-") \(volume.status.rawValue)"
                case .volumeRemoved: "volume removed"
                }
            }
        }
    }

    @Test func `every transaction of a life is told, with all that it changed`() throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try fixture.catalog.requestRestore(of: backup.id, to: volume.id)
        try fixture.catalog.failRestore(backup.id, reason: "r", targetWritten: true)
        try fixture.catalog.updateBackup(backup.id) { $0.name = "n" }
        _ = try fixture.catalog.requestDeletion(backup.id)
        try fixture.catalog.finishDeletion(backup.id)
        _ = try fixture.catalog.removeVolume(volume.id)
        #expect(
            told(since: 0) == [
                ["volume - available"],
                ["volume available backing-up", "backup - creating"],
                ["backup creating creating"],
                ["backup creating available", "volume backing-up available"],
                ["backup available restoring", "volume available restoring-backup"],
                ["backup restoring available", "volume restoring-backup error_restoring"],
                ["backup available available"],
                ["backup available deleting"],
                ["backup deleting deleted"],
                ["volume removed"],
            ])
    }

    @Test(arguments: BackupStatus.allCases)
    func `what is told last is what is there`(status: BackupStatus) throws {
        let backup = try fixture.addBackup(in: status)
        let last = fixture.toldChanges.joined().compactMap { change -> BackupRecord? in
            guard case .backup(let told, _) = change, told.id == backup.id else { return nil }
            return told
        }.last
        #expect(last?.status == status)
        #expect(last == backup)
    }

    @Test func `what is rolled back, and what only reads, is not told`() throws {
        let backup = try fixture.addBackup(in: .restoring)
        let count = fixture.toldChanges.count
        #expect(throws: CatalogError.self) { try fixture.catalog.requestDeletion(backup.id) }
        #expect(throws: CatalogError.self) { try fixture.catalog.requestRestore(of: backup.id, to: backup.volumeID) }
        #expect(throws: CatalogError.self) { try fixture.catalog.insert(fixture.catalog.volume(backup.volumeID)) }
        _ = try fixture.catalog.backups()
        #expect(fixture.toldChanges.count == count)
    }

    @Test func `a backup that is imported again is told as new`() throws {
        let backup = try fixture.addBackup(in: .deleted)
        let count = fixture.toldChanges.count
        try fixture.catalog.importBackup(backup)
        #expect(told(since: count) == [["backup - available"]])
    }

    @Test func `the end of interrupted jobs is told`() throws {
        let backup = try fixture.addBackup(in: .restoring)
        _ = try fixture.catalog.beginJob(backup.id, expecting: .restoring)
        let count = fixture.toldChanges.count
        _ = try fixture.catalog.recover()
        #expect(told(since: count) == [["backup restoring available", "volume restoring-backup error_restoring"]])
    }
}
