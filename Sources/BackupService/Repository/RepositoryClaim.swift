// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Logging
import ObjectStorage
import Posix
import Synchronization
import SystemPackage

/// The catalog's claim on its repository: a job writes to the repository that the catalog belongs to, or not at all; and one
/// process writes for a catalog, wherever its state directory was copied to.
///
/// Every call but `state` and `isRolledBack` touches the disk, waits for the others, and may hang with a repository that
/// does: they are for jobs, and for threads that may.
package final class RepositoryClaim: Sendable {
    /// The repository that was taken.
    private struct Taken {
        let root: FileStatus.Identity
        /// nil where the file system has no locks.
        let lock: LockFile?
        /// The process that wrote for this catalog before: as long as the repository is full, its mark stays.
        let predecessor: String?
        /// Another process has written for this catalog since, whatever the lock says.
        var successor: String?
    }

    private struct Shown {
        var state = RepositoryState.unanswered
        var isRolledBack = false
    }

    private let store: PosixObjectStore
    private let catalog: BackupCatalog
    private let logger: Logger
    /// What metadata objects name as their writer.
    package let catalogID: ResourceID
    /// Jobs up to this one waited in the catalog when this process began.
    private let lastEarlierJob: Int64
    /// This process, in the repository's marks.
    private let holder: String
    private let taken = Mutex<Taken?>(nil)
    private let shown: Mutex<Shown>

    /// - Throws: `CatalogError`.
    package init(store: PosixObjectStore, catalog: BackupCatalog, logger: Logger, holder: String) throws {
        self.store = store
        self.catalog = catalog
        self.logger = logger
        self.holder = holder
        let identity = try catalog.identity()
        catalogID = identity.catalogID
        lastEarlierJob = try catalog.lastJobNumber()
        shown = Mutex(Shown(isRolledBack: identity.isRolledBack))
    }

    package var path: String { store.path }

    /// As the last look has found it.
    package var state: RepositoryState { shown.withLock { $0.state } }

    /// Whether the catalog came back from an earlier state, and nobody has accepted that yet.
    package var isRolledBack: Bool { shown.withLock { $0.isRolledBack } }

    // MARK: - Looking

    /// Looks at the repository, and takes it where it is the right one.
    @discardableResult
    package func look() -> RepositoryState { taken.withLock { look(&$0) } }

    /// How full the repository is, after a look at it.
    /// - Throws: `RepositoryError`, `SystemCallError`, `StorageError`.
    package func space() throws -> FileSystemSpace {
        let state = look()
        // What can be written is for the file system to say.
        if state != .ready, state != .readOnly { throw RepositoryError.notReady(path: path, state) }
        return try store.space()
    }

    private func look(_ taken: inout Taken?) -> RepositoryState {
        let state: RepositoryState
        do {
            state = try take(&taken)
        } catch let error as SystemCallError where error.errno == .readOnlyFileSystem {
            state = .readOnly
        } catch {
            taken = nil
            state = .unreachable(reason: "\(error)")
        }
        tell(state)
        return state
    }

    private func tell(_ state: RepositoryState) {
        let before = shown.withLock { shown in
            defer { shown.state = state }
            return shown.state
        }
        guard before != state else { return }
        switch state {
        case .ready, .unanswered: logger.notice("Repository is ready", metadata: ["path": "\(path)"])
        case .readOnly, .unknown, .unreachable, .inUse:
            let error = RepositoryError.notReady(path: path, state)
            logger.error("Repository takes no backups", metadata: ["reason": "\(error)"])
        }
    }

    private func take(_ taken: inout Taken?) throws -> RepositoryState {
        var identity = try catalog.identity()
        let mayAdopt = try identity.repositoryID == nil && !catalog.hasStoredBackups()
        if mayAdopt { try store.makeRoot() }
        let root = try store.refresh()
        if root != taken?.root { taken = nil }
        let marks = try store.marks()
        let found = try foundIdentity(marks)
        if let known = identity.repositoryID {
            guard found == known.text else {
                taken = nil
                return .unknown(expected: known, found: found)
            }
        } else {
            let isSound = found.map { ResourceID($0) != nil } ?? true
            guard try isSound && (mayAdopt || holdsKnownBackup()) else { return .unknown(expected: nil, found: found) }
            identity.repositoryID = try belong(to: found, marks)
        }
        guard let taken else { return try takeWriting(identity, marks, root, &taken) }
        return taken.successor.map { .inUse(reason: Self.overruled(by: $0)) } ?? .ready
    }

    /// What stands in the place of the identity; nil where there is nothing.
    private func foundIdentity(_ marks: RepositoryMarks) throws -> String? {
        do {
            return try marks.identity()
        } catch StorageError.damagedMark {
            return "(damaged)"
        }
    }

    /// Whether one of the catalog's backups is there: a catalog that never knew an identity belongs here.
    private func holdsKnownBackup() throws -> Bool {
        for record in try catalog.storedBackups() {
            guard let container = record.container, let prefix = record.prefix else { continue }
            do {
                _ = try store.open(ObjectNames(prefix: prefix).metadata, in: container)
                return true
            } catch is StorageError {
                continue
            }
        }
        return false
    }

    /// Takes over the identity that is there, or makes one.
    private func belong(to found: String?, _ marks: RepositoryMarks) throws -> ResourceID {
        let id = found.flatMap { ResourceID($0) } ?? .random()
        if id.text != found { try marks.setIdentity(id.text) }
        try catalog.setRepository(id)
        logger.notice("Repository was taken", metadata: ["path": "\(path)", "identity": "\(id)"])
        return id
    }

    /// Becomes the one that writes for this catalog, and sees whether the repository is ahead of it.
    private func takeWriting(
        _ identity: CatalogIdentity, _ marks: RepositoryMarks, _ root: FileStatus.Identity, _ taken: inout Taken?
    ) throws -> RepositoryState {
        var lock: LockFile?
        switch try marks.lock(catalogID.text) {
        case .held(let held): lock = held
        case .refused:
            let reason = "it holds the lock of catalog \(catalogID) (a copied state directory?)"
            return .inUse(reason: reason)
        case .unsupported(let error):
            logger.warning("The repository has no locks", metadata: ["error": "\(error)"])
        }
        let before = try writer(identity, marks)
        let epoch = try settleEpoch(identity, before)
        taken = Taken(root: root, lock: lock, predecessor: before?.holder)
        do {
            try marks.setWriter(WriterMark(epoch: epoch, holder: holder), of: catalogID.text)
        } catch let error as SystemCallError where error.errno != .readOnlyFileSystem {
            logger.error("The repository could not be marked", metadata: ["error": "\(error)"])
        }
        return .ready
    }

    /// A mark that cannot be read counts as one that is ahead.
    private func writer(_ identity: CatalogIdentity, _ marks: RepositoryMarks) throws -> WriterMark? {
        do {
            return try marks.writer(catalogID.text)
        } catch let error as StorageError {
            logger.error("A mark of the repository cannot be read", metadata: ["reason": "\(error)"])
            return WriterMark(epoch: identity.epoch + 1, holder: "")
        }
    }

    /// The epoch to go on from.
    private func settleEpoch(_ identity: CatalogIdentity, _ mark: WriterMark?) throws -> Int64 {
        let facts: Logger.Metadata = [
            "catalog": "\(identity.epoch)", "repository": "\(mark.map { "\($0.epoch)" } ?? "none")",
        ]
        guard let mark, mark.epoch > identity.epoch else {
            if mark?.epoch ?? 0 < identity.epoch {
                logger.notice("The catalog is ahead of the repository", metadata: facts)
            }
            return identity.epoch
        }
        let epoch = mark.epoch.addingReportingOverflow(1).partialValue
        guard epoch > 0 else { throw StorageError.damagedMark(path: "\(path)/.cinderblock/writers/\(catalogID)") }
        try catalog.markRolledBack(epoch: epoch)
        shown.withLock { $0.isRolledBack = true }
        logger.critical(
            "The catalog came back from an earlier state: see GET /repository, then accept it", metadata: facts)
        return epoch
    }

    // MARK: - Jobs

    /// Whether a job must wait until an operator has accepted the catalog: one that waited in it when it came back from an
    /// earlier state may have run in the time that was lost. Backups do no harm: they go under names of their own.
    package func holds(_ record: BackupRecord) -> Bool {
        guard record.jobNumber <= lastEarlierJob, record.status == .restoring || record.status == .deleting else {
            return false
        }
        look()
        if isRolledBack {
            logger.warning(
                "A job is held", metadata: ["backup_id": "\(record.id)", "status": "\(record.status.rawValue)"])
        }
        return isRolledBack
    }

    /// Lets a job begin: counts it, in the catalog and in the repository.
    /// - Throws: `RepositoryError`: where the job must not run; `CatalogError`; `SystemCallError`.
    package func begin(_ kind: JobScheduler.Kind) throws {
        try taken.withLock { taken in
            let state = look(&taken)
            guard state == .ready else {
                // What can be read can be restored.
                if kind == .restore { return }
                throw RepositoryError.notReady(path: path, state)
            }
            try refuseOthers(&taken)
            let mark = WriterMark(epoch: try catalog.raiseEpoch(), holder: holder)
            do {
                try store.marks().setWriter(mark, of: catalogID.text)
            } catch let error as SystemCallError where kind != .backup {
                // A full repository, say, from which something is to be deleted.
                logger.warning("The repository could not be marked", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Makes sure that the repository is still the one that was taken, and that nobody else writes to it for this catalog:
    /// to be called before a backup becomes complete, and before and after objects are removed.
    /// - Throws: `RepositoryError`, `CatalogError`, `SystemCallError`.
    package func confirm() throws {
        try taken.withLock { taken in
            let state = look(&taken)
            guard state == .ready else { throw RepositoryError.notReady(path: path, state) }
            try refuseOthers(&taken)
        }
    }

    private func refuseOthers(_ taken: inout Taken?) throws {
        guard let mark = try store.marks().writer(catalogID.text) else { return }
        guard mark.holder != holder, mark.holder != taken?.predecessor else { return }
        taken?.successor = mark.holder
        let state = RepositoryState.inUse(reason: Self.overruled(by: mark.holder))
        tell(state)
        throw RepositoryError.notReady(path: path, state)
    }

    private static func overruled(by holder: String) -> String {
        "process \(holder) has written for the same catalog since (a copied state directory?)"
    }

    // MARK: - Accepting

    /// Takes the repository as it is: the identity that is there, or a new one, becomes the catalog's.
    /// - Throws: `RepositoryError.notReady` where that does not make it usable; `CatalogError`, `SystemCallError`.
    package func acceptIdentity() throws {
        try taken.withLock { taken in
            if case .unknown = look(&taken) {
                _ = try store.refresh()
                let marks = try store.marks()
                _ = try belong(to: foundIdentity(marks), marks)
            }
            let state = look(&taken)
            guard state == .ready else { throw RepositoryError.notReady(path: path, state) }
        }
    }

    /// The operator has accepted a catalog that came back from an earlier state.
    package func acceptRollback() throws {
        try catalog.acceptRollback(lastJobNumber: lastEarlierJob)
        shown.withLock { $0.isRolledBack = false }
        logger.notice("The catalog was accepted as it is")
    }
}
