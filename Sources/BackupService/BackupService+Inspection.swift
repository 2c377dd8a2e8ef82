// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// Object lists are read in jobs. A request waits for the end of its own for a moment, in which most lists have been
/// read.
extension BackupService {
    /// An import has nothing to promise, so it waits only as long as nobody notices.
    private static let importPatience = Duration.milliseconds(300)
    /// A reset can say more than "it is on its way".
    private static let proofPatience = Duration.seconds(2)

    /// Takes up what an earlier run has left to read.
    func resumeInspections() throws {
        for id in try catalog.backupsToInspect() { _ = submitInspection(of: id) }
    }

    /// Has an imported backup measured.
    /// - Throws: what shows within a moment that its record is wrong; it is not imported then.
    func measureImport(of id: ResourceID) throws {
        guard case .failure(let error)? = submitInspection(of: id).wait(within: Self.importPatience) else { return }
        try catalog.withdrawImport(of: id)
        throw error
    }

    /// Makes a backup `available` as soon as its objects have been found, which may be after this has returned.
    /// - Throws: what shows within a moment.
    func makeAvailable(_ id: ResourceID) throws {
        try catalog.requestProof(of: id)
        guard case .failure(let error)? = submitInspection(of: id).wait(within: Self.proofPatience) else { return }
        try catalog.takeBackReceipt()
        throw error
    }

    private func submitInspection(of id: ResourceID) -> JobOutcome {
        let (context, outcome) = (self.context, JobOutcome())
        // Nobody withdraws it, so it needs no number.
        scheduler.submit(id, number: 0, .inspection) { flag in
            InspectionJob(context: context, id: id, flag: flag).run(outcome)
        }
        return outcome
    }
}
