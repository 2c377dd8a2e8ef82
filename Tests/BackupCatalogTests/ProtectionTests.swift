// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

/// Backups that are kept from deletion.
struct ProtectionTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    private func protectedBackup() throws -> ResourceID {
        let id = try fixture.addBackup(of: fixture.addVolume().id).id
        try catalog.updateBackup(id) { $0.isProtected = true }
        return id
    }

    @Test(arguments: [false, true])
    func `a protected one is not deleted, by force either, until that is taken back`(isForced: Bool) throws {
        let id = try protectedBackup()
        #expect(throws: CatalogError.protected(id)) { try catalog.requestDeletion(id, isForced: isForced) }
        #expect(try catalog.backup(id).status == .available)
        try catalog.updateBackup(id) { $0.isProtected = false }
        #expect(try catalog.requestDeletion(id, isForced: isForced).status == .available)
    }

    /// As `error` it could be deleted.
    @Test func `nor is it made one that may be`() throws {
        let id = try protectedBackup()
        #expect(throws: CatalogError.protected(id)) { try catalog.resetBackupStatus(id, to: .error) }
        let young = try fixture.addBackup(of: fixture.addVolume().id).id
        #expect(throws: CatalogError.self) {
            try catalog.resetBackupStatus(young, to: .error, minimumAge: .seconds(999))
        }
        try catalog.resetBackupStatus(young, to: .error)
    }

    @Test func `one that is being made can be cancelled, and one that has failed deleted`() throws {
        for status in [BackupStatus.creating, .error, .errorDeleting] {
            let id = try fixture.addBackup(in: status).id
            try catalog.updateBackup(id) { $0.isProtected = true }
            #expect(try catalog.requestDeletion(id, minimumAge: .seconds(999)).status == status)
        }
    }

    @Test func `a young one is kept until its day`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let until = Timestamp(microseconds: backup.createdAt.microseconds + 40_000_000)
        let refusal = CatalogError.tooYoung(backup.id, until: until)
        #expect(throws: refusal) { try catalog.requestDeletion(backup.id, minimumAge: .seconds(40)) }
        #expect(throws: refusal) { try catalog.requestDeletion(backup.id, isForced: true, minimumAge: .seconds(40)) }
        #expect("\(refusal)".contains(until.iso8601))
        // The clock of the fixture goes on by a second per question.
        for _ in 0..<40 { try catalog.updateBackup(backup.id) { _ in } }
        #expect(try catalog.requestDeletion(backup.id, minimumAge: .seconds(40)).status == .available)
    }

    @Test func `an age beyond all times is for ever, and no error`() throws {
        let id = try fixture.addBackup(of: fixture.addVolume().id).id
        #expect(throws: CatalogError.self) { try catalog.requestDeletion(id, minimumAge: .seconds(3_153_600_000)) }
    }
}
