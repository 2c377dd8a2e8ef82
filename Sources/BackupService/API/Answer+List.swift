// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// A row of a list.
protocol ListedRow: Sendable {
    var id: ResourceID { get }
    /// About how much the list says of it.
    var listedBytes: Int { get }
}

extension BackupDescription: ListedRow {
    var id: ResourceID { record.id }
    var listedBytes: Int { record.listedBytes }
}

extension VolumeDescription: ListedRow {
    var id: ResourceID { record.id }
    var listedBytes: Int { record.listedBytes }
}

extension Answer {
    /// How much of a list is in memory at once, before it is JSON.
    private static let pageBytes = 256 << 10

    /// A list that is short at once, a long one a few rows at a time: the next when a client has taken those before.
    ///
    /// Rows that come or go meanwhile are in it or not; nothing that stays is left out or there twice.
    static func list<Query: ListedQuery, Row: ListedRow>(
        _ name: String, _ listing: Listing<Query>, count: Int?, _ links: Links,
        find: @escaping @Sendable (Query) throws -> [Row], view: @escaping @Sendable (Row) -> JSONValue
    ) throws -> Answer {
        guard var query = listing.query else {
            return list(name, [], last: nil, count: count, listing, links)
        }
        query.bytes = pageBytes
        let first = query
        let page = try ListPage(find(first), of: first, view)
        guard page.hasMore else {
            return list(name, page.elements, last: page.last, count: count, listing, links)
        }
        var answer = Answer(200)
        answer.pieces = ListPieces(
            name, page,
            next: { last, shown in
                let next = first.after(last, shown: shown)
                do {
                    return try ListPage(find(next), of: next, view)
                } catch CatalogError.volumeNotFound {
                    // The row where this page should begin has gone meanwhile.
                    let next = first.skipping(shown)
                    return try ListPage(find(next), of: next, view)
                }
            },
            end: { listing.members(after: $0, shown: $1, name, count: count, links) })
        return answer
    }
}

extension ListedQuery {
    fileprivate func after(_ last: ResourceID, shown: Int) -> Self {
        var query = self
        query.marker = last
        query.offset = 0
        query.limit = limit.map { $0 - shown }
        return query
    }

    fileprivate func skipping(_ shown: Int) -> Self {
        var query = self
        query.offset += shown
        query.limit = limit.map { $0 - shown }
        return query
    }
}

extension ListPage {
    fileprivate init<Query: ListedQuery, Row: ListedRow>(
        _ rows: [Row], of query: Query, _ view: (Row) -> JSONValue
    ) {
        let bytes = rows.reduce(0) { $0 + $1.listedBytes }
        self.init(
            elements: rows.map(view), last: rows.last?.id,
            hasMore: bytes >= query.bytes ?? .max && rows.count < query.limit ?? .max)
    }
}

extension Listing {
    /// What follows the rows. As in Cinder, a full page has a link to the next one, which may be empty.
    func members(after last: ResourceID?, shown: Int, _ name: String, count: Int?, _ links: Links) -> [JSONValue.Member]
    {
        var members: [JSONValue.Member] = []
        if let last, shown == pageSize { members.append(.init("\(name)_links", links.next(after: last))) }
        if let count { members.append(.init("count", JSONValue(count))) }
        return members
    }
}
