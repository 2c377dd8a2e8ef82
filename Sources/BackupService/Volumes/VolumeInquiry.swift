// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// What requests ask of volumes, and do to their files. No disk keeps a request waiting for long.
struct VolumeInquiry: Sendable {
    /// For those who show volumes: the catalog also knows something.
    private static let moment = Duration.seconds(1)
    /// For a whole list.
    private static let listPatience = Duration.seconds(2)
    /// For those who cannot go on without the answer.
    private static let patience = Duration.seconds(5)

    let access: VolumeAccess
    let patience: Patience

    /// How a volume is; nil when it does not answer.
    func glance(at record: VolumeRecord) -> VolumeLook? { glance(at: record, nil, within: Self.moment) }

    /// The same for many volumes at one look at the machine, in their order. Those that answer late are asked as long as
    /// there is patience for a list.
    func glances(at records: [VolumeRecord]) -> [VolumeLook?] {
        guard !records.isEmpty else { return [] }
        let end = ContinuousClock.now + Self.listPatience
        let access = access
        let machine = try? patience.share("the machine", within: Self.moment) { access.currentUsage() }
        guard let machine else { return records.map { _ in nil } }
        return records.map { record in
            glance(at: record, machine, within: max(.zero, min(Self.moment, end - .now)))
        }
    }

    /// - Throws: `ServiceError.noAnswer`; what `VolumeAccess.locate` throws
    func locate(_ record: VolumeRecord) throws -> VolumeRecord {
        try insist(subject(record)) { access in try access.locate(record) }
    }

    /// - Throws: `ServiceError.noAnswer`; what `VolumeAccess.checkTarget` throws
    func checkTarget(_ record: VolumeRecord) throws -> String? {
        try insist(subject(record)) { access in try access.checkTarget(record) }
    }

    /// - Throws: `ServiceError.noAnswer`
    func look(at record: VolumeRecord) throws -> VolumeLook {
        try insist(subject(record)) { access in access.look(at: record) }
    }

    /// - Throws: `ServiceError.noAnswer`; what `VolumeAccess.resolve` throws
    func resolve(source: String) throws -> ResolvedSource {
        try insist(source) { access in try access.resolve(source: source) }
    }

    /// - Throws: `ServiceError.noAnswer`, then there is no such file, or there will soon be none; `SystemCallError`
    func createFile(of record: VolumeRecord) throws {
        try insist(subject(record), undo: { access in try? access.removeFile(record) }) { access in
            _ = try access.createFile(record.id, bytes: record.sizeBytes)
        }
    }

    /// - Throws: `ServiceError.noAnswer`; what `VolumeAccess.openEmptyFile` throws
    func makeMissingFile(of record: VolumeRecord) throws {
        try insist(subject(record)) { access in _ = try access.openEmptyFile(record) }
    }

    /// - Throws: `ServiceError.noAnswer`; what `VolumeAccess.removeFile` throws
    func removeFile(of record: VolumeRecord) throws {
        try insist(subject(record)) { access in try access.removeFile(record) }
    }

    // MARK: - Asking

    private func subject(_ record: VolumeRecord) -> String { "volume \(record.id)" }

    private func glance(at record: VolumeRecord, _ machine: SystemUsage?, within patience: Duration) -> VolumeLook? {
        let access = access
        return try? self.patience.share(subject(record), within: patience) { access.look(at: record, in: machine) }
    }

    private func insist<Value: Sendable>(
        _ subject: String, undo: @escaping @Sendable (VolumeAccess) -> Void = { _ in },
        _ body: @escaping @Sendable (VolumeAccess) throws -> Value
    ) throws -> Value {
        let access = access
        do {
            return try patience.insist(subject, within: Self.patience, undo: { _ in undo(access) }) {
                try body(access)
            }
        } catch let error as NoAnswer {
            throw ServiceError.noAnswer(error.subject)
        }
    }
}
