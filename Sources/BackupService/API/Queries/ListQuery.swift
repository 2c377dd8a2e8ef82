// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// The query of a list request. Each parameter is taken once; what is left at the end is unknown.
struct ListQuery {
    private var items: [QueryItem]
    /// nil where the client asks for none, and so may use everything.
    private let version: Microversion?

    /// - Parameter version: the one that the request asks for, and the minimum where it asks for none.
    init(_ request: Request, _ version: Microversion) {
        items = request.query
        self.version = request.headers.value(of: Microversion.headerName) == nil ? nil : version
    }

    /// Cinder has refused unknown filters since 3.31; before it drops them.
    func finish() throws(APIError) {
        if let item = items.first, let version, version >= .strictFilters { throw .unknownParameter(item.name) }
    }

    /// Whether the version that the client asks for has what came with `first`. To an older one its name says nothing.
    func knows(_ first: Microversion) -> Bool { version.map { $0 >= first } ?? true }

    mutating func values(_ name: String) -> [String] {
        let values = items.filter { $0.name == name }.map(\.value)
        items.removeAll { $0.name == name }
        return values
    }

    mutating func text(_ name: String) throws(APIError) -> String? {
        let values = values(name)
        guard values.count < 2 else { throw .repeatedParameter(name) }
        return values.first
    }

    mutating func flag(_ name: String) throws(APIError) -> Bool {
        guard let text = try text(name) else { return false }
        guard let flag = Bool(spelled: text) else { throw .badParameter(name, reason: "must be a boolean") }
        return flag
    }

    /// A whole number that is not negative. `most` stands for all that are larger, also those no integer can hold.
    mutating func count(_ name: String, atMost most: Int) throws(APIError) -> Int? {
        guard let text = try text(name) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .badParameter(name, reason: "must be a whole number, at least 0")
        }
        return min(Int(text) ?? most, most)
    }
}

extension ListQuery {
    /// `sort=created_at:desc,name`, or the older `sort_key=…&sort_dir=…`; descending where nothing else is said.
    mutating func sort<Key: RawRepresentable<String>>(_ type: Key.Type) throws(APIError) -> [(
        key: Key, ascending: Bool
    )] {
        let sort = try text("sort")
        let keys = values("sort_key")
        let directions = values("sort_dir")
        guard let sort else { return try paired(keys, directions) }
        guard keys.isEmpty && directions.isEmpty else {
            throw .badParameter("sort", reason: "cannot be used with sort_key or sort_dir")
        }
        var order: [(key: Key, ascending: Bool)] = []
        for term in sort.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = term.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            order.append(
                (try key(parts.first ?? "", "sort"), try Self.isAscending(parts.count > 1 ? parts[1] : "", "sort")))
        }
        return order
    }

    /// Where directions are missing, the first holds for the rest.
    private func paired<Key: RawRepresentable<String>>(
        _ keys: [String], _ directions: [String]
    ) throws(APIError) -> [(key: Key, ascending: Bool)] {
        guard directions.count <= max(keys.count, 1) else {
            throw .badParameter("sort_dir", reason: "is there more often than sort_key")
        }
        var order: [(key: Key, ascending: Bool)] = []
        for (index, name) in (keys.isEmpty && !directions.isEmpty ? ["created_at"] : keys).enumerated() {
            let direction = index < directions.count ? directions[index] : directions.first ?? ""
            order.append((try key(name, "sort_key"), try Self.isAscending(direction, "sort_dir")))
        }
        return order
    }

    private func key<Key: RawRepresentable<String>>(_ text: String, _ parameter: String) throws(APIError) -> Key {
        let name = text.withoutOuterBlanks
        // Clients know the member as `name`, and Cinder's tables as `display_name`.
        guard name != "name" || knows(.sortByName),
            let key = Key(rawValue: name == "name" ? "display_name" : name)
        else {
            throw .badParameter(parameter, reason: "names a key that cannot be sorted by")
        }
        return key
    }

    private static func isAscending(_ direction: String, _ parameter: String) throws(APIError) -> Bool {
        switch direction.withoutOuterBlanks.lowercased() {
        case "asc": true
        case "desc", "": false
        default: throw .badParameter(parameter, reason: "has a direction that is neither asc nor desc")
        }
    }
}
