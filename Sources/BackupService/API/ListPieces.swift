// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Synchronization

/// Some rows of a list, as JSON.
struct ListPage: Sendable {
    let elements: [JSONValue]
    let last: ResourceID?
    /// Whether there may be rows after these.
    let hasMore: Bool
}

/// A long list as JSON text, page by page: the same text as if it were made at once.
final class ListPieces: Sendable {
    private struct State {
        /// The page whose turn it is; nil when it has to be looked for.
        var page: ListPage?
        var last: ResourceID?
        var shown = 0
        var isOver = false
    }

    private let name: String
    private let nextPage: @Sendable (_ after: ResourceID, _ shown: Int) throws -> ListPage
    private let end: @Sendable (_ last: ResourceID?, _ shown: Int) -> [JSONValue.Member]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - next: the rows after one, when so many have been shown.
    ///   - end: what follows the rows.
    init(
        _ name: String, _ first: ListPage,
        next: @escaping @Sendable (_ after: ResourceID, _ shown: Int) throws -> ListPage,
        end: @escaping @Sendable (_ last: ResourceID?, _ shown: Int) -> [JSONValue.Member]
    ) {
        self.name = name
        self.nextPage = next
        self.end = end
        self.state = Mutex(State(page: first))
    }

    /// The next piece of the text; nil after the last.
    func next() throws -> [UInt8]? {
        try state.withLock { state in
            if state.isOver { return nil }
            let page = try state.page.take() ?? state.last.map { try nextPage($0, state.shown) }
            return page.map { text(of: $0, &state) }
        }
    }

    private func text(of page: ListPage, _ state: inout State) -> [UInt8] {
        var bytes: [UInt8] = state.shown == 0 ? Array("{\(JSONValue.string(name).text): [".utf8) : []
        for element in page.elements {
            if state.shown > 0 { bytes += ", ".utf8 }
            bytes += element.utf8
            state.shown += 1
        }
        state.last = page.last ?? state.last
        if !page.hasMore {
            state.isOver = true
            bytes += "]".utf8
            for member in end(state.last, state.shown) {
                bytes += ", \(JSONValue.string(member.key).text): ".utf8 + member.value.utf8
            }
            bytes += "}\n".utf8
        }
        return bytes
    }
}

extension ListPieces: Equatable {
    static func == (a: ListPieces, b: ListPieces) -> Bool { a === b }
}
