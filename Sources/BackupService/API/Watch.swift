// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a request wants to see happen, whose answer lasts: it waits for a change of status, or is a stream of events.
enum Watch: Sendable, Equatable {
    case backupEvents(ResourceID, after: EventID?)
    case allEvents(after: EventID?)
    case backupChange(ResourceID, within: Duration)
    case volumeChange(ResourceID, within: Duration)
}

extension Watch {
    /// What is answered when the wait is over; nil for streams.
    var finalCall: APICall? {
        switch self {
        case .backupEvents, .allEvents: nil
        case .backupChange(let id, _): .showBackup(id)
        case .volumeChange(let id, _): .showVolume(id)
        }
    }
}
