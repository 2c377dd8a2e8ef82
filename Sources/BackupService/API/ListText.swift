// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The JSON text of a list, made piece by piece, so that however long it is, a piece of it need be in memory.
struct ListText: Sendable {
    /// How far it has been made.
    struct Position: Sendable {
        fileprivate var element = 0
        fileprivate var isOver = false
    }

    /// What a piece has at least, but for the last one. It has no more than an element beyond that.
    static let pieceBytes = 64 << 10

    private let opening: [UInt8]
    private let closing: [UInt8]
    private let count: Int
    private let element: @Sendable (Int) throws -> JSONValue

    /// `{"name": [elements], members}` and a newline.
    /// - Parameter element: makes the one of this index, when its turn comes.
    init(
        _ name: String, count: Int, members: [JSONValue.Member], element: @escaping @Sendable (Int) throws -> JSONValue
    ) {
        var opening = Array("{".utf8)
        appendJSONString(name, to: &opening)
        opening += ": [".utf8
        var closing = Array("]".utf8)
        for member in members {
            closing += ", ".utf8
            appendJSONString(member.key, to: &closing)
            closing += ": ".utf8
            member.value.append(to: &closing)
        }
        closing += "}\n".utf8
        self.opening = opening
        self.closing = closing
        self.count = count
        self.element = element
    }

    /// The next piece; nil after the last one. Throws what an element throws.
    func piece(at position: inout Position) throws -> [UInt8]? {
        guard !position.isOver else { return nil }
        var bytes = position.element == 0 ? opening : []
        while position.element < count {
            if position.element > 0 { bytes += ", ".utf8 }
            try element(position.element).append(to: &bytes)
            position.element += 1
            if bytes.count >= Self.pieceBytes, position.element < count { return bytes }
        }
        position.isOver = true
        return bytes + closing
    }

    func whole() throws -> [UInt8] {
        var position = Position()
        var bytes: [UInt8] = []
        while let piece = try piece(at: &position) { bytes += piece }
        return bytes
    }
}

extension ListText: Equatable {
    /// Whether they say the same.
    static func == (a: ListText, b: ListText) -> Bool { (try? a.whole()) == (try? b.whole()) }
}
