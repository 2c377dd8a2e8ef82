// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel

/// A catalog, a model of it, and a generator that plays events on both.
struct RandomWalk {
    private struct Backup {
        var status: BackupStatus
        var volume: ResourceID
        var parent: ResourceID?
        var target: ResourceID?
        var begun = false
        var cancelled = false
        /// Of one in `error`.
        var mayHoldMetadata = true
        /// True from the creation until its job, or the deletion that took it over, has ended.
        var holdsVolume = false
    }

    private let fixture: CatalogFixture
    private var generator: SeededGenerator
    private var volumes: [ResourceID] = []
    private var statuses: [ResourceID: VolumeStatus] = [:]
    private var order: [ResourceID] = []
    private var backups: [ResourceID: Backup] = [:]
    private(set) var met: Set<BackupStatus> = []

    init(seed: UInt64) throws {
        fixture = try CatalogFixture()
        generator = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let id = try fixture.addVolume().id
            volumes.append(id)
            statuses[id] = .available
        }
    }

    /// Plays one event. Returns what it was, for a message.
    mutating func step() throws -> String {
        let volume = volumes[Int.random(in: 0..<volumes.count, using: &generator)]
        // Young backups are where things happen.
        guard let id = order.suffix(12).randomElement(using: &generator) else { return try create(on: volume) }
        switch Int.random(in: 0..<15, using: &generator) {
        case 0, 1: return try create(on: volume)
        case 2, 3: return try begin(id)
        case 4, 5: return try finishBackup(id)
        case 6: return try failBackup(id)
        case 7: return try requestDeletion(id)
        case 8: return try endDeletion(id, succeeds: true)
        case 9: return try endDeletion(id, succeeds: Bool.random(using: &generator))
        case 10: return try requestRestore(id, to: volume)
        case 11: return try endRestore(id, succeeds: Bool.random(using: &generator))
        case 12: return try cancelRestore(id)
        case 13: return try noteNoMetadata(id)
        default: return try reset(id, volume)
        }
    }

    /// Where the tables and the model differ, and what the tables hold that should never be.
    mutating func differences() throws -> [String] {
        var found: [String] = []
        for listed in try fixture.catalog.backups() {
            let record = listed.record
            guard let model = backups[record.id] else {
                found.append("\(record.id) is unknown")
                continue
            }
            met.insert(record.status)
            if record.status != model.status { found.append("\(record.id): \(record.status), not \(model.status)") }
            if listed.childCount != children(of: record.id) { found.append("\(record.id): children") }
            if record.jobBegun != model.begun { found.append("\(record.id): job begun") }
            found += try missingParent(record)
        }
        for (id, status) in statuses {
            let actual = try fixture.catalog.volume(id).status
            if actual != status { found.append("volume \(id): \(actual), not \(status)") }
            if [.backingUp, .restoringBackup].contains(actual) != hasJob(id) { found.append("volume \(id): job") }
        }
        let live = backups.values.filter { $0.status != .deleted }.count
        if try fixture.catalog.backupCount() != live { found.append("number of backups") }
        return found
    }

    /// True when a process that opens the files as they are now, without a clean end, finds the same backups.
    func survivesCrash() throws -> Bool {
        let reopened = try BackupCatalog(directory: fixture.crashImage()) { Timestamp(microseconds: 0) }
        defer { try? reopened.close() }
        return try reopened.backups() == fixture.catalog.backups()
    }

    /// A backup that can be restored, or will be, has the parent that it needs.
    private func missingParent(_ record: BackupRecord) throws -> [String] {
        let restorable: [BackupStatus] = [.creating, .available, .restoring]
        guard let parent = record.parentID, restorable.contains(record.status) else { return [] }
        let status = try fixture.catalog.backup(parent, includingDeleted: true).status
        return status == .deleted || status == .deleting ? ["\(record.id): its parent is \(status)"] : []
    }

    private func hasJob(_ volume: ResourceID) -> Bool {
        backups.values.contains {
            $0.holdsVolume && $0.volume == volume || $0.status == .restoring && $0.target == volume
        }
    }

    /// Backups that stand on this one, also through failed ones.
    private func children(of id: ResourceID) -> Int {
        backups.filter { $0.value.parent == id && $0.value.status != .deleted }.reduce(0) { count, child in
            let stands = child.value.status != .error || child.value.mayHoldMetadata
            return count + (stands ? 1 : children(of: child.key))
        }
    }
}

// MARK: Events

extension RandomWalk {
    /// Plays an event on the catalog; the catalog must accept it exactly when the model does.
    private func play(_ name: String, expected: Bool, _ event: () throws -> Bool) throws -> String {
        let happened: Bool
        do { happened = try event() } catch _ as CatalogError { happened = false }
        return happened == expected ? name : "\(name), which should \(expected ? "" : "not ")have been accepted"
    }

    private mutating func create(on volume: ResourceID) throws -> String {
        let parent = try fixture.catalog.newestParent(ofVolume: volume)?.id
        let record = fixture.newBackup(of: volume, parent: Bool.random(using: &generator) ? parent : nil)
        let expected = statuses[volume] == .available
        if expected {
            backups[record.id] = Backup(
                status: .creating, volume: volume, parent: record.parentID, holdsVolume: true)
            order.append(record.id)
            statuses[volume] = .backingUp
        }
        return try play("create \(record.id)", expected: expected) {
            try fixture.catalog.createBackup(record).status == .creating
        }
    }

    private mutating func begin(_ id: ResourceID) throws -> String {
        guard let model = backups[id] else { return "" }
        let expected = [.creating, .deleting, .restoring].contains(model.status) && !model.begun
        if expected { backups[id]?.begun = true }
        return try play("begin \(id)", expected: expected) {
            guard [.creating, .deleting, .restoring].contains(model.status) else { return false }
            return try fixture.catalog.beginJob(id, expecting: model.status) != nil
        }
    }

    private mutating func finishBackup(_ id: ResourceID) throws -> String {
        let expected = endCreation(id, .available)
        return try play("finish backup \(id)", expected: expected) {
            try fixture.catalog.finishBackup(id, objectCount: 1, storedBytes: 1, sizeBytes: 1)
        }
    }

    private mutating func failBackup(_ id: ResourceID) throws -> String {
        let expected = endCreation(id, .error)
        if expected { backups[id]?.mayHoldMetadata = false }
        return try play("fail backup \(id)", expected: expected) {
            try fixture.catalog.failBackup(id, reason: "no space")
        }
    }

    private mutating func endCreation(_ id: ResourceID, _ status: BackupStatus) -> Bool {
        guard backups[id]?.status == .creating else { return false }
        backups[id]?.status = status
        release(id)
        return true
    }

    private mutating func release(_ id: ResourceID) {
        guard let model = backups[id], model.holdsVolume else { return }
        backups[id]?.holdsVolume = false
        statuses[model.volume] = .available
    }

    private mutating func requestDeletion(_ id: ResourceID) throws -> String {
        guard let model = backups[id] else { return "" }
        let deletable: [BackupStatus] = [.available, .error, .errorDeleting, .creating]
        let accepted = deletable.contains(model.status) && children(of: id) == 0
        if accepted {
            backups[id]?.status = .deleting
            backups[id]?.begun = false
        }
        return try play("request deletion \(id)", expected: accepted || model.status == .deleting) {
            try fixture.catalog.requestDeletion(id).status == model.status
        }
    }

    private mutating func endDeletion(_ id: ResourceID, succeeds: Bool) throws -> String {
        let expected = backups[id]?.status == .deleting
        if expected {
            backups[id]?.status = succeeds ? .deleted : .errorDeleting
            if succeeds { met.insert(.deleted) }
            release(id)
        }
        return try play("end deletion \(id)", expected: expected) {
            succeeds
                ? try fixture.catalog.finishDeletion(id) : try fixture.catalog.failDeletion(id, reason: "no permission")
        }
    }

    private mutating func requestRestore(_ id: ResourceID, to volume: ResourceID) throws -> String {
        let isFree = statuses[volume] == .available || statuses[volume] == .errorRestoring
        let expected = backups[id]?.status == .available && isFree
        if expected {
            backups[id]?.status = .restoring
            backups[id]?.target = volume
            backups[id]?.begun = false
            statuses[volume] = .restoringBackup
        }
        return try play("request restore \(id)", expected: expected) {
            try fixture.catalog.requestRestore(of: id, to: volume).status == .restoring
        }
    }

    private mutating func endRestore(_ id: ResourceID, succeeds: Bool) throws -> String {
        guard let model = backups[id] else { return "" }
        let isRestoring = model.status == .restoring
        if isRestoring, let target = model.target {
            backups[id]?.status = .available
            backups[id]?.cancelled = false
            statuses[target] = succeeds && !model.cancelled ? .available : .errorRestoring
        }
        return try play("end restore \(id)", expected: isRestoring && !(succeeds && model.cancelled)) {
            succeeds
                ? try fixture.catalog.finishRestore(id)
                : try fixture.catalog.failRestore(id, reason: "damaged", targetWritten: true)
        }
    }

    private mutating func cancelRestore(_ id: ResourceID) throws -> String {
        guard let model = backups[id] else { return "" }
        let expected = model.status == .restoring
        if expected, model.begun {
            backups[id]?.cancelled = true
        } else if expected, let target = model.target {
            backups[id]?.status = .available
            statuses[target] = .errorRestoring
        }
        return try play("cancel restore \(id)", expected: expected) {
            try fixture.catalog.cancelRestore(id).restoreCancelled == model.begun
        }
    }

    private mutating func noteNoMetadata(_ id: ResourceID) throws -> String {
        if backups[id]?.status == .error { backups[id]?.mayHoldMetadata = false }
        return try play("note that \(id) has no metadata", expected: backups[id] != nil) {
            try fixture.catalog.noteNoMetadata(id)
            return true
        }
    }

    private mutating func reset(_ id: ResourceID, _ volume: ResourceID) throws -> String {
        guard let model = backups[id] else { return "" }
        if Bool.random(using: &generator) { return try resetVolume(volume) }
        let status: BackupStatus = Bool.random(using: &generator) ? .available : .error
        let parent = model.parent.flatMap { backups[$0]?.status }
        let isOrphan = status == .available && (parent == .deleting || parent == .deleted)
        let expected = [.available, .error, .errorDeleting].contains(model.status) && !isOrphan
        if expected {
            backups[id]?.status = status
            if status == .available { backups[id]?.mayHoldMetadata = true }
        }
        return try play("reset \(id)", expected: expected) {
            try fixture.catalog.resetBackupStatus(id, to: status)
            return true
        }
    }

    private mutating func resetVolume(_ volume: ResourceID) throws -> String {
        let expected = statuses[volume] == .available || statuses[volume] == .errorRestoring
        if expected { statuses[volume] = .available }
        return try play("reset volume \(volume)", expected: expected) {
            try fixture.catalog.resetVolumeStatus(volume)
            return true
        }
    }
}
