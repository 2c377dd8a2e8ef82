// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Testing

@testable import BackupCatalog

struct MakingOrderTests {
    /// Backups by name: `make("a", 10)` was made at second 10.
    private final class Naming {
        private(set) var names: [ResourceID: String] = [:]
        private var ids: [String: ResourceID] = [:]

        func make(_ name: String, _ time: Int64, on parent: String? = nil) -> MakingOrder.Entry {
            MakingOrder.Entry(
                id: id(name), parentID: parent.map { id($0) }, time: Timestamp(microseconds: time * 1_000_000))
        }

        private func id(_ name: String) -> ResourceID {
            let id = ids[name] ?? .random()
            (ids[name], names[id]) = (id, name)
            return id
        }
    }

    private let naming = Naming()

    private func order(_ made: [MakingOrder.Entry], inserting new: MakingOrder.Entry..., now: Int64 = 1000) -> String {
        var order = MakingOrder(made, now: Timestamp(microseconds: now * 1_000_000))
        for entry in new { order.insert(entry) }
        return order.entries.map { naming.names[$0.id] ?? "?" }.joined()
    }

    @Test func `what is older goes before, what is newer behind, equals behind each other`() {
        let made = [naming.make("a", 10), naming.make("b", 20)]
        #expect(order(made, inserting: naming.make("x", 5)) == "xab")
        #expect(order(made, inserting: naming.make("x", 10)) == "axb")
        #expect(order(made, inserting: naming.make("x", 15)) == "axb")
        #expect(order(made, inserting: naming.make("x", 25)) == "abx")
        #expect(order([], inserting: naming.make("x", 1)) == "x")
    }

    @Test func `the future is no later than now`() {
        let made = [naming.make("a", 10), naming.make("b", 999)]
        #expect(order(made, inserting: naming.make("x", 5000), naming.make("y", 1000)) == "abxy")
        #expect(order(made, inserting: naming.make("x", 5000), naming.make("y", 990)) == "aybx")
    }

    @Test func `what was made here stays in order, with whatever clock`() {
        // The clock went back to 3 and on from there: an import of 50 is older than what came after 100.
        let made = [naming.make("a", 10), naming.make("b", 100), naming.make("c", 3), naming.make("d", 4)]
        #expect(order(made, inserting: naming.make("x", 50)) == "axbcd")
        #expect(order(made, inserting: naming.make("x", 150)) == "abcdx")
        // The clock was far ahead once.
        let ahead = [naming.make("a", 10), naming.make("b", 90_000), naming.make("c", 20)]
        #expect(order(ahead, inserting: naming.make("x", 500)) == "axbc")
    }

    @Test func `a child comes after its parent, whatever the times and in whatever order they came`() {
        let (full, first, second) = (
            naming.make("f", 10), naming.make("1", 10, on: "f"), naming.make("2", 10, on: "1")
        )
        for came in [
            [full, first, second], [second, full, first], [second, first, full], [first, second, full],
            [first, full, second],
        ] {
            #expect(
                order([], inserting: came[0], came[1], came[2]) == "f12", "\(came.map { naming.names[$0.id] ?? "" })")
        }
        let late = naming.make("f", 300)
        #expect(order([first, second], inserting: late) == "f12", "the clock of the full one was ahead")
        #expect(
            order([naming.make("f", 300), naming.make("z", 310)], inserting: naming.make("1", 5, on: "f")) == "f1z")
    }

    @Test func `parents in a loop do not hang it`() {
        let made = [naming.make("a", 10, on: "b"), naming.make("b", 20, on: "a")]
        #expect(order(made, inserting: naming.make("x", 15, on: "x")).count == 3)
        #expect(order(made, inserting: naming.make("x", 15, on: "a")).count == 3)
    }
}
