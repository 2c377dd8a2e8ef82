// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// What a request asks for, checked in form but not yet against the catalog.
enum APICall: Sendable, Equatable {
    case showVersions
    case describeAPI
    case checkHealth
    case checkReadiness
    case showMetrics
    case listServices
    case showRepository
    case acceptRepository
    case scanRepository

    case listBackups(Listing<BackupQuery>)
    case createBackup(BackupRequest)
    case showBackup(ResourceID)
    case changeBackup(ResourceID, BackupChange)
    case deleteBackup(ResourceID, isForced: Bool)
    case restoreBackup(ResourceID, RestoreRequest)
    case resetBackup(ResourceID, to: BackupStatus)
    case exportRecord(ResourceID)
    case importRecord(ExportedRecord)

    case listVolumes(Listing<VolumeQuery>)
    case createVolume(VolumeRequest)
    case registerVolume(ManageRequest)
    case showVolume(ResourceID)
    case changeVolume(ResourceID, DescriptionChange)
    case deleteVolume(ResourceID)
    case forgetVolume(ResourceID)
    case resetVolume(ResourceID)
    case volumeMetadata(ResourceID, MetadataRequest)

    case watch(Watch)
}
