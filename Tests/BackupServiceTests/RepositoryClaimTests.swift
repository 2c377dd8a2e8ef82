// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Foundation
import Glibc
import Logging
import ObjectStorage
import TestSupport
import Testing

@testable import BackupService

/// A catalog and its repository, on which daemons begin and end.
private final class ClaimFixture {
    let root: TemporaryDirectory
    let repository: String
    private(set) var catalog: BackupCatalog

    init() throws {
        root = try TemporaryDirectory()
        repository = root.path("repository")
        catalog = try Self.open(try root.directory("state"))
    }

    deinit { try? catalog.close() }

    private static func open(_ directory: String) throws -> BackupCatalog {
        try BackupCatalog(directory: directory) { Timestamp(microseconds: 1_000_000_000) }
    }

    /// Another process on the same catalog, or on a copy of it.
    func claim(_ holder: String = "first", of catalog: BackupCatalog? = nil) throws -> RepositoryClaim {
        try RepositoryClaim(
            store: PosixObjectStore(unopened: repository), catalog: catalog ?? self.catalog,
            logger: Logger(label: "test"), holder: holder)
    }

    /// The catalog as it is now, in another directory.
    func copyOfCatalog() throws -> BackupCatalog {
        let copy = try root.directory("copy-\(UUID().uuidString)")
        for suffix in ["", "-wal"] {
            let name = BackupCatalog.fileName + suffix
            try? FileManager.default.copyItem(atPath: root.path("state/\(name)"), toPath: copy + "/" + name)
        }
        return try Self.open(copy)
    }

    /// A backup that is `available`, with a metadata object or without.
    func addBackup(withMetadata: Bool) throws {
        var record = BackupRecord(
            id: .random(), volumeID: .random(), status: .available, sizeGiB: 1,
            createdAt: Timestamp(microseconds: 1_000_000_000))
        record.container = "night"
        record.prefix = "p-\(record.id)"
        try catalog.importBackup(record)
        guard withMetadata else { return }
        try FileManager.default.createDirectory(atPath: repository + "/night", withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(repository)/night/p-\(record.id)_metadata"))
    }

    func marks() throws -> RepositoryMarks { try PosixObjectStore(path: repository).marks() }

    func moveAway() throws { try FileManager.default.moveItem(atPath: repository, toPath: root.path("other-disk")) }

    func moveBack() throws {
        try FileManager.default.removeItem(atPath: repository)
        try FileManager.default.moveItem(atPath: root.path("other-disk"), toPath: repository)
    }
}

struct RepositoryClaimTests {
    private let fixture: ClaimFixture

    init() throws { fixture = try ClaimFixture() }

    private func makeRepository() throws {
        try FileManager.default.createDirectory(atPath: fixture.repository, withIntermediateDirectories: false)
    }

    // MARK: - Identity

    @Test func `a fresh catalog makes its repository, and keeps to it`() throws {
        let claim = try fixture.claim()
        #expect(claim.state == .unanswered)
        #expect(claim.look() == .ready)
        let identity = try #require(try fixture.catalog.identity().repositoryID)
        #expect(try fixture.marks().identity() == identity.text)
        #expect(claim.look() == .ready)
        #expect(try fixture.catalog.identity().repositoryID == identity)
    }

    @Test func `a fresh catalog takes a repository as it is`() throws {
        #expect(try fixture.claim().look() == .ready)
        let identity = try fixture.marks().identity()
        let other = try BackupCatalog(directory: fixture.root.directory("second")) { Timestamp(microseconds: 1) }
        #expect(try fixture.claim(of: other).look() == .ready, "catalogs may share one")
        #expect(try fixture.marks().identity() == identity)
        #expect(try other.identity().repositoryID?.text == identity)
    }

    @Test(arguments: [false, true])
    func `a catalog from before identities belongs to where its backups are`(areThere: Bool) throws {
        try FileManager.default.createDirectory(atPath: fixture.repository, withIntermediateDirectories: true)
        try fixture.addBackup(withMetadata: false)
        if areThere { try fixture.addBackup(withMetadata: true) }
        let claim = try fixture.claim()
        #expect(claim.look() == (areThere ? .ready : .unknown(expected: nil, found: nil)))
        #expect(try (fixture.marks().identity() != nil) == areThere)
        if !areThere {
            try claim.acceptIdentity()
            #expect(claim.state == .ready)
        }
    }

    @Test(arguments: ["empty", "not there", "another repository", "damaged"])
    func `another repository in the place of the known one gets nothing`(_ kind: String) throws {
        try fixture.addBackup(withMetadata: true)
        let claim = try fixture.claim()
        #expect(claim.look() == .ready)
        let known = try #require(try fixture.catalog.identity().repositoryID)
        try fixture.moveAway()
        if kind != "not there" { try makeRepository() }
        if kind == "another repository" { try fixture.marks().setIdentity(ResourceID.random().text) }
        if kind == "damaged" {
            try fixture.marks().setIdentity(known.text)
            try Data("?".utf8).write(to: URL(fileURLWithPath: fixture.repository + "/.cinderblock/repository"))
        }
        #expect(throws: RepositoryError.self) { try claim.begin(.backup) }
        #expect(throws: RepositoryError.self) { try claim.begin(.deletion) }
        #expect(throws: RepositoryError.self) { try claim.confirm() }
        try claim.begin(.restore)  // what is there can be restored
        #expect(claim.state != .ready)
        #expect(try fixture.catalog.identity().repositoryID == known)
        if kind == "not there" {
            #expect(access(fixture.repository, F_OK) != 0, "it is not made anew")
            try makeRepository()
        }
        try fixture.moveBack()
        try claim.begin(.backup)
        #expect(claim.state == .ready, "the right one is back")
    }

    @Test func `accepting takes the identity that is there, or makes one`() throws {
        let claim = try fixture.claim()
        claim.look()
        let known = try fixture.catalog.identity().repositoryID
        try fixture.moveAway()
        try makeRepository()
        try fixture.addBackup(withMetadata: false)
        #expect(claim.look() == .unknown(expected: known, found: nil))
        try claim.acceptIdentity()
        #expect(claim.state == .ready)
        let made = try fixture.catalog.identity().repositoryID
        #expect(made != nil && made != known)
        try fixture.moveBack()
        #expect(claim.look() == .unknown(expected: made, found: known?.text))
        try claim.acceptIdentity()
        #expect(try fixture.catalog.identity().repositoryID == known)
        #expect(try fixture.catalog.backupCount() == 1, "rows stay")
    }

    @Test func `the daemon's own directory is no container`() throws {
        let store = try PosixObjectStore(path: fixture.root.path)
        for name in [".cinderblock", ".cinderblock/writers"] {
            #expect(throws: StorageError.self) { try store.openForWriting(name, writer: "w") }
            #expect(throws: StorageError.self) { try store.openForReading(name) }
        }
    }

    // MARK: - Epochs

    @Test func `each job is counted on both sides`() throws {
        let claim = try fixture.claim()
        for epoch in 1...3 as ClosedRange<Int64> {
            try claim.begin([.backup, .restore, .deletion][Int(epoch) - 1])
            #expect(try fixture.catalog.identity().epoch == epoch)
            #expect(try fixture.marks().writer(claim.catalogID.text) == WriterMark(epoch: epoch, holder: "first"))
        }
        #expect(!claim.isRolledBack)
    }

    @Test func `a catalog that came back from an earlier state is noticed, until that is accepted`() throws {
        let earlier: BackupCatalog
        do {
            let claim = try fixture.claim()
            try claim.begin(.backup)
            earlier = try fixture.copyOfCatalog()
            try claim.begin(.backup)
            try claim.begin(.backup)
        }
        do {
            let claim = try fixture.claim("second", of: earlier)
            #expect(claim.look() == .ready)
            #expect(claim.isRolledBack)
            #expect(try earlier.identity().epoch == 4, "one more than the repository had")
            #expect(try fixture.marks().writer(claim.catalogID.text) == WriterMark(epoch: 4, holder: "second"))
            try claim.begin(.backup)
        }
        let claim = try fixture.claim("third", of: earlier)
        #expect(claim.isRolledBack, "before it has looked, too")
        claim.look()
        try claim.acceptRollback()
        #expect(!claim.isRolledBack)
        #expect(try !fixture.claim("fourth", of: earlier).isRolledBack)
    }

    @Test(arguments: ["ahead", "missing", "all missing"])
    func `a repository that knows less than the catalog is no rollback`(_ kind: String) throws {
        try fixture.claim().begin(.backup)
        let identity = try fixture.catalog.identity()
        let writers = fixture.repository + "/.cinderblock/writers"
        switch kind {
        case "ahead": for _ in 0..<5 { _ = try fixture.catalog.raiseEpoch() }
        case "missing": try FileManager.default.removeItem(atPath: "\(writers)/\(identity.catalogID)")
        default: try FileManager.default.removeItem(atPath: writers)
        }
        let epoch = try fixture.catalog.identity().epoch
        let claim = try fixture.claim("second")
        #expect(claim.look() == .ready)
        #expect(!claim.isRolledBack)
        #expect(try fixture.marks().writer(claim.catalogID.text) == WriterMark(epoch: epoch, holder: "second"))
    }

    @Test func `a mark that cannot be read counts as one of a later time`() throws {
        try fixture.claim().begin(.backup)
        let path = "\(fixture.repository)/.cinderblock/writers/\(try fixture.catalog.identity().catalogID)"
        try Data("cinderblock-writer 1 zwölf x".utf8).write(to: URL(fileURLWithPath: path))
        let claim = try fixture.claim("second")
        #expect(claim.look() == .ready)
        #expect(claim.isRolledBack)
    }

    @Test func `jobs that waited in it are held, and later ones are not`() throws {
        try fixture.claim().begin(.backup)
        let earlier = try fixture.copyOfCatalog()
        try fixture.claim("first").begin(.backup)
        func record(_ status: BackupStatus, job: Int64) -> BackupRecord {
            var record = BackupRecord(
                id: .random(), volumeID: .random(), status: status, sizeGiB: 1, createdAt: Timestamp(microseconds: 1))
            record.jobNumber = job
            return record
        }
        try earlier.importBackup(record(.available, job: 0))
        let claim = try fixture.claim("second", of: earlier)
        let last = try earlier.lastJobNumber()
        #expect(claim.holds(record(.restoring, job: last)))
        #expect(claim.holds(record(.deleting, job: last)))
        #expect(!claim.holds(record(.creating, job: last)), "backups run")
        #expect(!claim.holds(record(.restoring, job: last + 1)))
        #expect(!claim.holds(record(.deleting, job: last + 1)))
    }

    // MARK: - Other processes

    @Test func `a copy of the catalog cannot write while the first one lives`() throws {
        let first = try fixture.claim()
        try first.begin(.backup)
        let copy = try fixture.copyOfCatalog()
        let second = try fixture.claim("second", of: copy)
        guard case .inUse = second.look() else {
            Issue.record("\(second.state)")
            return
        }
        #expect(throws: RepositoryError.self) { try second.begin(.backup) }
        #expect(throws: RepositoryError.self) { try second.begin(.deletion) }
        try first.begin(.backup)
        try first.confirm()
    }

    @Test func `one that wrote in spite of the lock is noticed before a backup is complete`() throws {
        let first = try fixture.claim()
        try first.begin(.backup)
        try first.confirm()
        // As on a file system whose locks mean nothing.
        try fixture.marks().setWriter(WriterMark(epoch: 9, holder: "other"), of: first.catalogID.text)
        #expect(throws: RepositoryError.self) { try first.confirm() }
        for kind in [JobScheduler.Kind.backup, .deletion] {
            #expect(throws: RepositoryError.self, "\(kind)") { try first.begin(kind) }
        }
        guard case .inUse = first.look() else {
            Issue.record("\(first.state)")
            return
        }
        let mark = try fixture.marks().writer(first.catalogID.text)
        #expect(mark?.holder == "other", "nothing of the other's is touched")
    }

    // MARK: - Where nothing can be written

    @Test(.enabled(if: isRoot, "mounting takes root"))
    func `a full repository takes no backups, and gives space back`() throws {
        try FileManager.default.createDirectory(atPath: fixture.repository, withIntermediateDirectories: false)
        let mount = try Mount.tmpfs("size=64k", on: fixture.repository)
        do {
            let claim = try fixture.claim()
            try claim.begin(.backup)
            fill(fixture.repository + "/full")
            #expect(throws: (any Error).self) { try claim.begin(.backup) }
            try claim.begin(.restore)
            try claim.begin(.deletion)
            try claim.confirm()
        }
        // A daemon that starts now cannot leave its mark, and gives space back all the same.
        let claim = try fixture.claim("second")
        #expect(claim.look() == .ready)
        #expect(try fixture.marks().writer(claim.catalogID.text)?.holder == "first")
        try claim.begin(.deletion)
        #expect(throws: (any Error).self) { try claim.begin(.backup) }
        #expect(!claim.isRolledBack)
        try FileManager.default.removeItem(atPath: fixture.repository + "/full")
        try claim.begin(.backup)
        #expect(try fixture.marks().writer(claim.catalogID.text)?.holder == "second")
        withExtendedLifetime(mount) {}
    }

    /// Writes until nothing more fits.
    private func fill(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, page, page.count) > 0 {}
    }

    @Test(.enabled(if: isRoot, "mounting takes root"))
    func `a read-only repository is left alone`() throws {
        try fixture.claim().begin(.backup)
        let before = try tree(fixture.repository)
        let mount = try Mount.readOnly(fixture.repository)
        let claim = try fixture.claim("second")
        #expect(claim.look() == .readOnly)
        try claim.begin(.restore)
        #expect(throws: RepositoryError.self) { try claim.begin(.backup) }
        #expect(throws: RepositoryError.self) { try claim.begin(.deletion) }
        #expect(try tree(fixture.repository) == before)
        withExtendedLifetime(mount) {}
    }
}
