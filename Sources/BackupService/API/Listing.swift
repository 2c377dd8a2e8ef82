// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer

/// A request for a list.
struct Listing<Query: Sendable & Equatable>: Sendable, Equatable {
    /// Its limit is the size of a page; nil in the query of a list that must be empty.
    var query: Query?
    var pageSize: Int
    var withDetails: Bool
    /// Whether the answer is to tell how many there are on all pages.
    var withCount: Bool
}

/// The most that one page shows.
private let largestPage = 1000
/// The largest offset, as in Cinder.
private let largestOffset = Int(Int32.max)

extension Listing<BackupQuery> {
    init(backups request: Request, withDetails: Bool, version: Microversion) throws(APIError) {
        var parameters = ListQuery(request, version)
        let pageSize = try parameters.count("limit", atMost: largestPage) ?? largestPage
        let withCount = parameters.knows(.counts) ? try parameters.flag("with_count") : false
        let query = try BackupQuery(takenFrom: &parameters, limit: pageSize)
        try parameters.finish()
        self.init(query: query, pageSize: pageSize, withDetails: withDetails, withCount: withCount)
    }
}

extension Listing<VolumeQuery> {
    init(volumes request: Request, withDetails: Bool, version: Microversion) throws(APIError) {
        var parameters = ListQuery(request, version)
        let pageSize = try parameters.count("limit", atMost: largestPage) ?? largestPage
        let withCount = parameters.knows(.counts) ? try parameters.flag("with_count") : false
        let query = try VolumeQuery(takenFrom: &parameters, limit: pageSize)
        try parameters.finish()
        self.init(query: query, pageSize: pageSize, withDetails: withDetails, withCount: withCount)
    }
}

extension BackupQuery {
    /// nil when no backup can have what is asked for: a status that does not exist, an id that is none.
    fileprivate init?(takenFrom parameters: inout ListQuery, limit: Int) throws(APIError) {
        self.init()
        self.limit = limit
        name = try parameters.text("name")
        nameContains = parameters.knows(.containsFilter) ? try parameters.text("name~") : nil
        userID = try parameters.text("user_id")
        sort = try parameters.sort(Key.self).map { Sorting($0.key, ascending: $0.ascending) }
        offset = try parameters.offset()
        marker = try parameters.marker(orThrow: APIError.noSuchBackup)
        try parameters.ignoreOwner()
        let status = try parameters.text("status")
        let volumeID = try parameters.text("volume_id")
        if let status {
            guard let status = BackupStatus(rawValue: status.lowercased()) else { return nil }
            self.status = status
        }
        if let volumeID {
            guard let volumeID = ResourceID(volumeID) else { return nil }
            self.volumeID = volumeID
        }
    }
}

extension VolumeQuery {
    /// nil when no volume can have the status that is asked for.
    fileprivate init?(takenFrom parameters: inout ListQuery, limit: Int) throws(APIError) {
        self.init()
        self.limit = limit
        name = try parameters.text("name")
        nameContains = parameters.knows(.containsFilter) ? try parameters.text("name~") : nil
        sort = try parameters.sort(Key.self).map { Sorting($0.key, ascending: $0.ascending) }
        offset = try parameters.offset()
        marker = try parameters.marker(orThrow: APIError.noSuchVolume)
        try parameters.ignoreOwner()
        if let status = try parameters.text("status") {
            guard let status = VolumeStatus(rawValue: status.lowercased()) else { return nil }
            self.status = status
        }
    }
}

extension ListQuery {
    fileprivate mutating func offset() throws(APIError) -> Int {
        let offset = try count("offset", atMost: largestOffset + 1) ?? 0
        guard offset <= largestOffset else { throw .badParameter("offset", reason: "is larger than \(largestOffset)") }
        return offset
    }

    fileprivate mutating func marker(orThrow notFound: (String) -> APIError) throws(APIError) -> ResourceID? {
        guard let text = try text("marker") else { return nil }
        guard let marker = ResourceID(text) else { throw notFound(text) }
        return marker
    }

    /// There is one owner, whose is everything.
    fileprivate mutating func ignoreOwner() throws(APIError) {
        _ = try flag("all_tenants")
        _ = try text("project_id")
    }
}
