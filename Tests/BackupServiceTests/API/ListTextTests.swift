// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Synchronization
import Testing

@testable import BackupService

struct ListTextTests {
    private struct Broken: Error {}

    private func pieces(_ list: ListText) throws -> [[UInt8]] {
        var position = ListText.Position()
        var pieces: [[UInt8]] = []
        while let piece = try list.piece(at: &position) { pieces.append(piece) }
        #expect(try list.piece(at: &position) == nil, "what is over stays over")
        return pieces
    }

    @Test(arguments: [0, 1, 2, 1000])
    func `a list is what the value would be`(count: Int) throws {
        let list = ListText("things", count: count, members: [.init("count", 7), .init("next", "é")]) { index in
            ["id": JSONValue(index)]
        }
        let value: JSONValue = [
            "things": .array((0..<count).map { ["id": JSONValue($0)] }), "count": 7, "next": "é",
        ]
        #expect(try list.whole() == value.utf8 + [0x0a])
        #expect(try pieces(list).joined().elementsEqual(list.whole()))
    }

    @Test func `elements are made when their piece is, and not before`() throws {
        let made = Mutex(0)
        let text = String(repeating: "x", count: ListText.pieceBytes / 2)
        let list = ListText("things", count: 10, members: []) { _ in
            made.withLock { $0 += 1 }
            return .string(text)
        }
        var position = ListText.Position()
        var largest = 0
        for number in 1...5 {
            largest = max(largest, try #require(try list.piece(at: &position)).count)
            #expect(made.withLock { $0 } == 2 * number)
        }
        #expect(largest < 2 * ListText.pieceBytes)
        #expect(try list.piece(at: &position) == nil)
    }

    @Test func `an element that cannot be made is an error, and no end`() throws {
        let list = ListText("things", count: 3, members: []) { index in
            if index == 1 { throw Broken() }
            return nil
        }
        #expect(throws: Broken.self) { try list.whole() }
    }
}
