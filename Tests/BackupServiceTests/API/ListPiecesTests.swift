// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

/// Lists that are made page by page, as they are sent.
struct ListPiecesTests {
    private struct Row: ListedRow {
        let id: ResourceID
        var listedBytes = 100 << 10
    }

    private let rows = (0..<20).map { _ in Row(id: .random()) }

    private func listing(_ target: String) throws -> Listing<VolumeQuery> {
        guard case .listVolumes(let listing) = try APICall(try .sample("GET \(target)")) else {
            throw APIError.noSuchResource(path: target)
        }
        return listing
    }

    /// As the catalog finds them: up to the row with which the bytes of the query are reached.
    private func find(_ query: VolumeQuery, in rows: [Row]) throws -> [Row] {
        var rest = rows[...]
        if let marker = query.marker {
            guard let place = rows.firstIndex(where: { $0.id == marker }) else {
                throw CatalogError.volumeNotFound(marker)
            }
            rest = rows[(place + 1)...]
        }
        var bytes = 0
        var found: [Row] = []
        for row in rest.dropFirst(query.offset).prefix(query.limit ?? .max) where bytes < query.bytes ?? .max {
            found.append(row)
            bytes += row.listedBytes
        }
        return found
    }

    private func answer(_ target: String, _ find: @escaping @Sendable (VolumeQuery) throws -> [Row]) throws -> Answer {
        let links = Links(try .sample("GET \(target)"))
        return try .list("volumes", listing(target), count: 20, links, find: find) { ["id": JSONValue($0.id)] }
    }

    private func pieces(of answer: Answer) throws -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        while let piece = try answer.pieces?.next() { pieces.append(piece) }
        return pieces
    }

    @Test(arguments: [
        "/volumes", "/volumes?limit=20", "/volumes?limit=7", "/volumes?limit=6", "/volumes?limit=4&offset=3",
    ])
    func `the text is the same as if it were made at once`(target: String) throws {
        let long = try answer(target) { try find($0, in: rows) }
        let short = try answer(target) { query in
            var query = query
            query.bytes = nil
            return try find(query, in: rows).map { Row(id: $0.id, listedBytes: 1) }
        }
        let pieces = try pieces(of: long)
        #expect(long.json == nil && short.pieces == nil && pieces.count > 1)
        #expect(try JSONValue(parsing: Array(pieces.joined())) == short.json)
        #expect(pieces.last?.last == UInt8(ascii: "\n"))
    }

    @Test func `what is short is one piece, with its length`() throws {
        #expect(try answer("/volumes?limit=2") { try find($0, in: rows) }.pieces == nil)
        #expect(try answer("/volumes?limit=3") { try find($0, in: rows) }.pieces == nil)
    }

    @Test func `a row that goes while the list is sent does not end it`() throws {
        let long = try answer("/volumes") { query in
            let gone = rows[2].id
            return try find(query, in: query.marker == nil && query.offset == 0 ? rows : rows.filter { $0.id != gone })
        }
        let text = try JSONValue(parsing: Array(pieces(of: long).joined()))
        guard case .array(let shown)? = text[key: "volumes"] else {
            Issue.record("no list")
            return
        }
        #expect(shown.first?[key: "id"] == JSONValue(rows[0].id) && shown.last?[key: "id"] == JSONValue(rows[19].id))
        #expect(Set(shown.map(\.text)).count == shown.count && shown.count >= 19)
    }

    @Test func `an error in the middle is an error of the next piece`() throws {
        let long = try answer("/volumes") { query in
            if query.marker != nil { throw CatalogError.storage("gone") }
            return try find(query, in: rows)
        }
        #expect(try long.pieces?.next() != nil)
        #expect(throws: CatalogError.storage("gone")) { try long.pieces?.next() }
    }
}
