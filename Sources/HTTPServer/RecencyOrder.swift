// SPDX-License-Identifier: Apache-2.0

/// Numbers in the order in which they were last touched. Every operation takes the same time however many there are.
struct RecencyOrder {
    private struct Link {
        var older: UInt64?
        var newer: UInt64?
    }

    private var links: [UInt64: Link] = [:]
    private(set) var oldest: UInt64?
    private var newest: UInt64?

    var count: Int { links.count }

    func contains(_ number: UInt64) -> Bool { links[number] != nil }

    /// Makes `number` the newest.
    mutating func touch(_ number: UInt64) {
        if number == newest { return }
        remove(number)
        links[number] = Link(older: newest, newer: nil)
        if let newest { links[newest]?.newer = number } else { oldest = number }
        newest = number
    }

    mutating func remove(_ number: UInt64) {
        guard let link = links.removeValue(forKey: number) else { return }
        if let older = link.older { links[older]?.newer = link.newer } else { oldest = link.newer }
        if let newer = link.newer { links[newer]?.older = link.older } else { newest = link.older }
    }
}
