// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a volume is at one moment.
struct VolumeLook: Sendable {
    let usage: VolumeUsage
    /// The length, or why it cannot be found out.
    let size: Result<Int64, any Error>
}

extension VolumeAccess {
    /// - Parameter current: Who uses what on the machine; nil for finding that out, too.
    func look(at record: VolumeRecord, in current: SystemUsage? = nil) -> VolumeLook {
        VolumeLook(
            usage: usage(of: record, in: current ?? currentUsage()), size: Result { try sizeBytes(record) })
    }
}
