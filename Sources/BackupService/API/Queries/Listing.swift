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

/// What can be listed, by parameters that most lists have.
protocol ListedQuery: Sendable, Equatable {
    associatedtype Key: RawRepresentable<String>, CaseIterable, Sendable, Equatable

    init()
    var name: String? { get set }
    var nameContains: String? { get set }
    var sort: [Sorting<Key>] { get set }
    var marker: ResourceID? { get set }
    var offset: Int { get set }
    var limit: Int? { get set }
    var bytes: Int? { get set }

    /// What a marker should be the id of.
    static var kind: ResourceKind { get }
    /// Parameters that only this list has.
    static var fields: [QueryField<ListRequest<Self>>] { get }
}

/// What a request for a list says.
struct ListRequest<Query: ListedQuery>: Sendable {
    var query = Query()
    var pageSize = largestPage
    var withCount = false
    /// Whether nothing can have what is asked for: a status that does not exist, an id that is none.
    var findsNothing = false
}

/// The most that one page shows.
private let largestPage = 1000
/// The largest offset, as in Cinder.
private let largestOffset = Int(Int32.max)

extension RequestForm {
    static func backups(withDetails: Bool) -> RequestForm where Value == Listing<BackupQuery> {
        list(withDetails: withDetails)
    }

    static func volumes(withDetails: Bool) -> RequestForm where Value == Listing<VolumeQuery> {
        list(withDetails: withDetails)
    }

    private static func list<Query: ListedQuery>(withDetails: Bool) -> RequestForm where Value == Listing<Query> {
        let fields = ListRequest<Query>.fields
        return RequestForm(parameters: fields.flatMap(\.parameters)) { request, version in
            var parameters = ListQuery(request, version)
            var list = ListRequest<Query>()
            for field in fields { try field.read(&parameters, &list) }
            try parameters.finish()
            list.query.limit = list.pageSize
            return Listing(
                query: list.findsNothing ? nil : list.query, pageSize: list.pageSize, withDetails: withDetails,
                withCount: list.withCount)
        }
    }
}

extension ListRequest {
    fileprivate static var fields: [QueryField<ListRequest>] {
        [
            .count("limit", atMost: largestPage, \.pageSize, "The size of a page, which is at most \(largestPage)"),
            .flag("with_count", \.withCount, "Adds `count`: how many there are on all pages", since: .counts),
            .text("name", \.query.name, "Has exactly this name"),
            .text("name~", \.query.nameContains, "Has this in its name", since: .containsFilter),
            .sort(\.query.sort),
            offset, marker,
            .ignoredFlag("all_tenants"),
        ] + Query.fields
    }

    private static var offset: QueryField<ListRequest> {
        QueryField("offset", .integer(in: 0...largestOffset), "Leaves out that many") { query, list in
            list.query.offset = try query.count("offset", atMost: largestOffset + 1) ?? 0
            guard list.query.offset <= largestOffset else {
                throw APIError.badParameter("offset", reason: "is larger than \(largestOffset)")
            }
        }
    }

    private static var marker: QueryField<ListRequest> {
        QueryField("marker", .uuid, "The page begins after this id") { query, list in
            guard let text = try query.text("marker") else { return }
            guard let marker = ResourceID(text) else { throw Query.kind.notFound(named: text) }
            list.query.marker = marker
        }
    }
}
