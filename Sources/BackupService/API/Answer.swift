// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What the daemon says to a request that succeeded.
struct Answer: Sendable, Equatable {
    var status: Int
    /// nil where there is nothing to tell.
    var json: JSONValue?
    /// What is told where it is no JSON.
    var text: TypedText?
    /// What is told piece by piece, because it is long.
    var pieces: ListPieces?
    /// The path of what the request created.
    var location: String?

    init(_ status: Int, _ json: JSONValue? = nil, location: String? = nil) {
        self.status = status
        self.json = json
        self.location = location
    }
}

/// A text and its media type.
struct TypedText: Sendable, Equatable {
    let type: String
    let text: String
}

extension Answer {
    static func created(_ backup: BackupDescription, status: Int, _ links: Links) -> Answer {
        Answer(
            status, ["backup": BackupView(backup: backup, links: links).full],
            location: "/v3/backups/\(backup.record.id)")
    }

    static func created(_ volume: VolumeDescription, _ links: Links) -> Answer {
        Answer(
            202, ["volume": VolumeView(volume: volume, links: links).full], location: "/v3/volumes/\(volume.record.id)")
    }

    static func backup(_ backup: BackupDescription, _ links: Links) -> Answer {
        Answer(200, ["backup": BackupView(backup: backup, links: links).full])
    }

    static func volume(_ volume: VolumeDescription, _ links: Links) -> Answer {
        Answer(200, ["volume": VolumeView(volume: volume, links: links).full])
    }

    static func restore(_ answer: RestoreAnswer) -> Answer {
        Answer(202, ["restore": RestoreAnswer.form.json(answer)])
    }

    static func record(_ record: ExportedRecord) -> Answer {
        Answer(200, ["backup-record": ExportedRecord.view.json(record)])
    }

    static func repository(_ repository: RepositoryDescription) -> Answer {
        Answer(200, ["repository": RepositoryDescription.form.json(repository)])
    }

    static func backups(
        _ backups: [BackupDescription], count: Int?, _ listing: Listing<some Sendable & Equatable>, _ links: Links
    ) -> Answer {
        let views = backups.map { BackupView(backup: $0, links: links) }
        return list(
            "backups", views.map { listing.withDetails ? $0.full : $0.short }, last: backups.last?.record.id,
            count: count, listing, links)
    }

    /// As in Cinder, a full page has a link to the next one, which may be empty.
    static func list(
        _ name: String, _ elements: [JSONValue], last: ResourceID?, count: Int?,
        _ listing: Listing<some Sendable & Equatable>,
        _ links: Links
    ) -> Answer {
        let members = listing.members(after: last, shown: elements.count, name, count: count, links)
        return Answer(200, .object([.init(name, .array(elements))] + members))
    }

    /// Cinder's version discovery.
    static func versions(_ links: Links) -> Answer {
        let version: JSONValue = [
            "id": "v3.0", "status": "CURRENT", "version": .string(Microversion.maximum.description),
            "min_version": .string(Microversion.minimum.description), "updated": "2023-08-31T00:00:00Z",
            "links": [["rel": "self", "href": .string("\(links.base)/v3/")]],
            "media-types": [
                ["base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"]
            ],
        ]
        return Answer(200, ["versions": [version]])
    }

    static var healthy: Answer {
        Answer(200, ["status": "ok", "version": .string(cinderblockVersion)])
    }

    static var ready: Answer { Answer(200, ["status": "ready"]) }

    static func metrics(_ text: String) -> Answer {
        var answer = Answer(200)
        answer.text = TypedText(type: "text/plain; version=0.0.4; charset=utf-8", text: text)
        return answer
    }

    /// The daemon is the only service there is.
    static func services(host: String) -> Answer {
        Answer(
            200,
            [
                "services": [
                    [
                        "binary": "cinder-backup", "host": .string(host), "zone": "nova", "status": "enabled",
                        "state": "up", "updated_at": nil, "disabled_reason": nil,
                    ]
                ]
            ])
    }
}
