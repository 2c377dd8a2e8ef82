// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Something that has happened, for those who watch.
struct FeedEvent: Sendable {
    enum Kind: String, Sendable {
        /// The status of a backup has changed.
        case status
        /// A job has come further. The next one of the same backup makes it worthless.
        case progress
        /// A job has ended.
        case end
        /// A volume has come, gone, or changed its status.
        case volume
    }

    let id: EventID
    let kind: Kind
    /// The backup, or for `volume` the volume.
    let subject: ResourceID
    /// As it goes over the wire.
    let bytes: [UInt8]

    var number: Int64 { id.number }

    init(_ kind: Kind, of subject: ResourceID, _ data: JSONValue, id: EventID) {
        self.kind = kind
        self.subject = subject
        self.id = id
        self.bytes = ServerSentEvents.event(kind.rawValue, data, id: id)
    }
}
