// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

/// Every event in every status. A word is the status that the event leads to, `-` says that the event came too
/// late and nothing happened, `!` that it was refused.
struct StateMachineTests {
    private static let table = """
        event            creating   available  restoring  deleting        deleted    error      error_deleting
        beginCreation    creating   -          -          -               -          -          -
        beginRestore     -          -          restoring  -               -          -          -
        beginDeletion    -          -          -          deleting        -          -          -
        setLocation      creating   -          -          -               -          -          -
        turnIntoFull     creating   -          -          -               -          -          -
        finishBackup     available  -          -          -               -          -          -
        failBackup       error      -          -          -               -          -          -
        requestDeletion  deleting   deleting   !          deleting        !          deleting   deleting
        finishDeletion   -          -          -          deleted         -          -          -
        failDeletion     -          -          -          error_deleting  -          -          -
        requestRestore   !          restoring  !          !               !          !          !
        restoreIntoNew   !          restoring  !          !               !          !          !
        finishRestore    -          -          available  -               -          -          -
        failRestore      -          -          available  -               -          -          -
        cancelRestore    !          !          available  !               !          !          !
        resetAvailable   !          available  !          !               !          available  available
        resetError       !          error      !          !               !          error      error
        resetDeleting    !          !          !          !               !          !          !
        import           !          !          !          !               available  !          !
        update           creating   available  restoring  deleting        !          error      error_deleting
        """

    @Test(arguments: table.split(separator: "\n").dropFirst().map(String.init))
    func `an event leads where the table says`(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let statuses = try #require(Self.table.split(separator: "\n").first).split(separator: " ").dropFirst()
        #expect(statuses.count == BackupStatus.allCases.count && words.count == statuses.count + 1)
        let event = words[0]
        for (status, expected) in zip(statuses, words.dropFirst()) {
            let status = try #require(BackupStatus(rawValue: String(status)))
            #expect(try outcome(of: event, in: status) == expected, "\(event) in \(status.rawValue)")
        }
    }

    private func outcome(of event: String, in status: BackupStatus) throws -> String {
        let fixture = try CatalogFixture()
        let before = try fixture.addBackup(in: status)
        let happened: Bool
        do {
            happened = try apply(event, to: before, in: fixture)
        } catch _ as CatalogError {
            #expect(try fixture.catalog.backup(before.id, includingDeleted: true) == before)
            return "!"
        }
        let after = try fixture.catalog.backup(before.id, includingDeleted: true)
        try expectVolumeFollows(after, fixture)
        guard happened else {
            #expect(after == before)
            return "-"
        }
        #expect(after.updatedAt != before.updatedAt || event == "import" || before.status == .deleting)
        return after.status.rawValue
    }

    private func apply(_ event: String, to backup: BackupRecord, in fixture: CatalogFixture) throws -> Bool {
        let catalog = fixture.catalog
        let id = backup.id
        switch event {
        case "beginCreation": return try catalog.beginJob(id, expecting: .creating) != nil
        case "beginRestore": return try catalog.beginJob(id, expecting: .restoring) != nil
        case "beginDeletion": return try catalog.beginJob(id, expecting: .deleting) != nil
        case "setLocation": return try catalog.setLocation(id, container: "c", prefix: "p")
        case "turnIntoFull": return try catalog.turnIntoFull(id, remark: "the volume shrank")
        case "finishBackup": return try catalog.finishBackup(id, objectCount: 1, storedBytes: 2, sizeBytes: 3)
        case "failBackup": return try catalog.failBackup(id, reason: "no space")
        case "requestDeletion": return try catalog.requestDeletion(id) == backup
        case "finishDeletion": return try catalog.finishDeletion(id)
        case "failDeletion": return try catalog.failDeletion(id, reason: "no permission")
        case "requestRestore": try catalog.requestRestore(of: id, to: backup.volumeID)
        case "restoreIntoNew": try catalog.requestRestore(of: id, into: fixture.newVolume())
        case "finishRestore": return try catalog.finishRestore(id)
        case "failRestore": return try catalog.failRestore(id, reason: "damaged", targetWritten: true)
        case "cancelRestore": try catalog.cancelRestore(id)
        case "resetAvailable": try catalog.resetBackupStatus(id, to: .available)
        case "resetError": try catalog.resetBackupStatus(id, to: .error)
        case "resetDeleting": try catalog.resetBackupStatus(id, to: .deleting)
        case "import": try catalog.importBackup(backup)
        case "update": try catalog.updateBackup(id) { $0.name = "new name" }
        default: Issue.record("unknown event \(event)")
        }
        return true
    }

    /// A volume is busy exactly as long as a job has it.
    private func expectVolumeFollows(_ backup: BackupRecord, _ fixture: CatalogFixture) throws {
        let target = backup.status == .restoring ? backup.restoreVolumeID : backup.volumeID
        let volume = try fixture.catalog.volume(#require(target))
        switch backup.status {
        case .creating: #expect(volume.status == .backingUp)
        case .restoring: #expect(volume.status == .restoringBackup)
        case .deleting: break  // depends on what it was before
        default: #expect(volume.status == .available || volume.status == .errorRestoring)
        }
    }
}
