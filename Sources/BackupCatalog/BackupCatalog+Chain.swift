// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// The backups that a restore of this one reads: from the full one to itself.
    ///
    /// Throws `missingAncestor`, also where one is deleted; `ancestorLoop`; `foreignAncestor` for a backup of
    /// another volume; `unusableAncestor` for one that is neither `available` nor `restoring`. The status of the
    /// backup itself is the caller's to judge.
    package func chain(of id: ResourceID) throws(CatalogError) -> [BackupRecord] {
        try read { tables in
            let newest = try tables.backup(id)
            var chain = [newest]
            var seen: Set<ResourceID> = [id]
            var current = newest
            while let parentID = current.parentID {
                guard seen.insert(parentID).inserted else {
                    throw CatalogError.ancestorLoop(chain.map(\.id))
                }
                current = try tables.ancestor(parentID, of: current)
                chain.append(current)
            }
            return chain.reversed()
        }
    }
}

extension CatalogTables {
    fileprivate func ancestor(_ id: ResourceID, of child: BackupRecord) throws -> BackupRecord {
        guard let ancestor = try row(ofBackup: id), ancestor.status != .deleted else {
            throw CatalogError.missingAncestor(of: child.id, missing: id)
        }
        guard ancestor.volumeID == child.volumeID else {
            throw CatalogError.foreignAncestor(id, volumeID: ancestor.volumeID, expected: child.volumeID)
        }
        guard ancestor.status == .available || ancestor.status == .restoring else {
            throw CatalogError.unusableAncestor(id, status: ancestor.status)
        }
        return ancestor
    }
}
