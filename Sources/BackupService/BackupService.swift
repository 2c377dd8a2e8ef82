// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

package final class BackupService: Sendable {
    // Volumes
    package func registerVolume(_ request: ManageRequest) throws -> VolumeDescription { fatalError() }
    package func createVolume(_ request: VolumeRequest) throws -> VolumeDescription { fatalError() }
    package func volume(_ id: ResourceID) throws -> VolumeDescription { fatalError() }
    package func volumes(_ query: VolumeQuery) throws -> [VolumeDescription] { fatalError() }
    package func volumeCount(_ query: VolumeQuery) throws -> Int { fatalError() }
    package func changeVolume(_ id: ResourceID, _ change: DescriptionChange) throws -> VolumeDescription { fatalError() }
    package func deleteVolume(_ id: ResourceID) throws { fatalError() }
    package func forgetVolume(_ id: ResourceID) throws { fatalError() }
    package func resetVolume(_ id: ResourceID) throws { fatalError() }

    // Backups
    package func createBackup(_ request: BackupRequest) throws -> BackupDescription { fatalError() }
    package func backup(_ id: ResourceID) throws -> BackupDescription { fatalError() }
    package func backups(_ query: BackupQuery) throws -> [BackupDescription] { fatalError() }
    package func backupCount(_ query: BackupQuery) throws -> Int { fatalError() }
    package func changeBackup(_ id: ResourceID, _ change: DescriptionChange) throws -> BackupDescription { fatalError() }
    package func deleteBackup(_ id: ResourceID) throws { fatalError() }
    package func restoreBackup(_ id: ResourceID, _ request: RestoreRequest) throws -> RestoreAnswer { fatalError() }
    package func resetBackup(_ id: ResourceID, to status: BackupStatus) throws { fatalError() }
    package func exportRecord(_ id: ResourceID) throws -> ExportedRecord { fatalError() }
    package func importRecord(_ record: ExportedRecord) throws -> BackupDescription { fatalError() }

    /// One read of the catalog: for `/healthz` and the watchdog.
    package func checkHealth() throws { fatalError() }
}
