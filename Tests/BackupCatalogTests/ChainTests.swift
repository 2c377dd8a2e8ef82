// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

struct ChainTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    /// A full backup and two increments, oldest first.
    private func chainOfThree() throws -> [BackupRecord] {
        let volume = try fixture.addVolume()
        let full = try fixture.addBackup(of: volume.id)
        let second = try fixture.addBackup(of: volume.id, parent: full.id)
        return [full, second, try fixture.addBackup(of: volume.id, parent: second.id)]
    }

    @Test func `a chain begins with the full backup`() throws {
        let chain = try chainOfThree()
        for length in 1...3 {
            #expect(try catalog.chain(of: chain[length - 1].id) == Array(chain.prefix(length)))
        }
    }

    @Test func `an ancestor may be restoring, but not failed`() throws {
        let chain = try chainOfThree()
        try catalog.requestRestore(of: chain[0].id, into: fixture.newVolume())
        #expect(try catalog.chain(of: chain[2].id).count == 3)
        try catalog.failRestore(chain[0].id, reason: "", targetWritten: false)
        try catalog.resetBackupStatus(chain[0].id, to: .error)
        #expect(throws: CatalogError.unusableAncestor(chain[0].id, status: .error)) {
            try catalog.chain(of: chain[2].id)
        }
    }

    @Test func `a missing ancestor is named, also when it was deleted`() throws {
        var orphan = fixture.newBackup(of: .random(), parent: .random())
        orphan.parentID = .random()
        try catalog.importBackup(orphan)
        let missing = try #require(orphan.parentID)
        let expected = CatalogError.missingAncestor(of: orphan.id, missing: missing)
        #expect(throws: expected) { try catalog.chain(of: orphan.id) }

        var parent = fixture.newBackup(of: orphan.volumeID)
        parent = BackupRecord(
            id: missing, volumeID: orphan.volumeID, status: .available, sizeGiB: 1, createdAt: parent.createdAt)
        try catalog.importBackup(parent)
        #expect(try catalog.chain(of: orphan.id).map(\.id) == [missing, orphan.id])
        try catalog.resetBackupStatus(orphan.id, to: .error)
        try catalog.noteNoMetadata(orphan.id)
        _ = try catalog.requestDeletion(missing)
        try catalog.finishDeletion(missing)
        #expect(throws: expected) { try catalog.chain(of: orphan.id) }
    }

    @Test func `a loop is refused and its members are named`() throws {
        let volumeID = ResourceID.random()
        var first = fixture.newBackup(of: volumeID)
        let second = fixture.newBackup(of: volumeID, parent: first.id)
        first.parentID = second.id
        try catalog.importBackup(first)
        try catalog.importBackup(second)
        #expect(throws: CatalogError.ancestorLoop([first.id, second.id])) { try catalog.chain(of: first.id) }
    }

    @Test func `an ancestor of another volume is refused`() throws {
        let stranger = fixture.newBackup(of: .random())
        let child = fixture.newBackup(of: .random(), parent: stranger.id)
        try catalog.importBackup(stranger)
        try catalog.importBackup(child)
        let expected = CatalogError.foreignAncestor(
            stranger.id, volumeID: stranger.volumeID, expected: child.volumeID)
        #expect(throws: expected) { try catalog.chain(of: child.id) }
    }
}
