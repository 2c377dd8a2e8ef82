// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Reads the object list of one backup, for what its row says (`Inspection`): some are hundreds of MB long.
struct InspectionJob {
    let context: JobContext
    let id: ResourceID
    let flag: JobFlag

    /// Inspects the backup. `outcome` says why an imported one is none, or why one cannot be `available`; so does the
    /// row.
    func run(_ outcome: JobOutcome) {
        do {
            switch try context.catalog.inspection(of: id) {
            case nil: outcome.end(.success(()))
            case (let backup, .measure)?:
                outcome.end(Result { try measure(backup) }.flatMap { Result { try measureDescendants() } })
            case (let backup, .prove)?:
                outcome.end(Result { try prove(backup) })
                if case (let backup, .measure)? = try context.catalog.inspection(of: id) { try measure(backup) }
            }
        } catch {
            context.logger.error("Backup was not inspected", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }

    private var control: JobControl { JobControl(isAbandoned: { [flag] in flag.isRaised }) }

    // MARK: - Measuring

    /// Measures those that stand on the backup, and had to wait for it.
    private func measureDescendants() throws {
        var seen: Set<ResourceID> = [id]
        var parents = [id]
        while let parent = parents.popLast(), !flag.isRaised, (try? context.locations(ofChain: parent)) != nil {
            for child in try context.catalog.childrenToMeasure(of: parent) where seen.insert(child).inserted {
                if case (let backup, .measure)? = try context.catalog.inspection(of: child) { try? measure(backup) }
                parents.append(child)
            }
        }
    }

    /// What cannot be read yet is no reason to refuse: on the worst day the records may come before the repository.
    private func measure(_ backup: BackupRecord) throws {
        do {
            let measurement = try measurement(of: backup)
            _ = try context.settle(flag) { try context.catalog.finishMeasurement(of: backup.id, measurement) }
        } catch EngineError.cancelled {
            return  // by the end of the daemon: the next one begins anew
        } catch let error as EngineError where error.isOfWrongRecord {
            try refuse(backup, error) { try context.catalog.refuseImport(of: backup.id, reason: $0) }
            throw error
        } catch {
            let remark = context.shown("imported, but not readable now: \(error)")
            context.logger.notice(
                "Imported backup cannot be read", metadata: ["backup_id": "\(backup.id)", "reason": "\(error)"])
            _ = try context.settle(flag) {
                try context.catalog.postponeMeasurement(of: backup.id, remark: remark)
            }
        }
    }

    private func measurement(of backup: BackupRecord) throws -> Measurement {
        let location = try location(of: backup)
        var count = 0
        let metadata = try context.engine.readMetadata(location) { _ in
            if flag.isRaised { throw EngineError.cancelled }
            count += 1
        }
        return Measurement(objectCount: count, sizeBytes: try metadata.sizeBytes ?? length(of: backup, location))
    }

    /// nil as long as ancestors are missing.
    private func length(of backup: BackupRecord, _ location: LayerLocation) throws -> Int64? {
        guard let parentID = backup.parentID else {
            return try context.engine.openChain([location], control: control).length
        }
        guard let ancestors = try? context.locations(ofChain: parentID) else { return nil }
        return try context.engine.openChain(ancestors + [location], control: control).length
    }

    // MARK: - Proving

    /// A deletion that failed half-way has left the metadata, but not all objects that they list.
    private func prove(_ backup: BackupRecord) throws {
        do {
            do {
                try context.engine.checkObjects(at: location(of: backup), control: control)
            } catch EngineError.cancelled {
                return
            } catch {
                throw ServiceError.metadataUnreadable(backup.id, reason: "\(error)")
            }
            _ = try context.settle(flag) { try context.catalog.finishProof(of: backup.id) }
        } catch {
            try refuse(backup, error) { try context.catalog.refuseProof(of: backup.id, reason: $0) }
            throw error
        }
    }

    private func location(of backup: BackupRecord) throws -> LayerLocation {
        guard let location = context.location(of: backup) else {
            throw ServiceError.metadataUnreadable(
                backup.id, reason: "its record names no container or no prefix")
        }
        return location
    }

    private func refuse(_ backup: BackupRecord, _ error: any Error, _ write: (String) throws -> Void) throws {
        let reason = context.shown("\(error)")
        context.logger.notice(
            "Backup cannot be available", metadata: ["backup_id": "\(backup.id)", "reason": "\(reason)"])
        _ = try context.settle(flag) { try write(reason) }
    }
}

extension EngineError {
    fileprivate var isOfWrongRecord: Bool {
        if case .recordDisagrees = self { true } else { false }
    }
}
