// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// The order in which the backups of one volume were made, and where one that was made elsewhere belongs in it.
///
/// What was made here needs no clock: the later one is the newer one. Of what was made elsewhere only its time is
/// known, which counts for no more than the present, and its ancestors, which are older whatever their times say.
struct MakingOrder {
    struct Entry {
        let id: ResourceID
        let parentID: ResourceID?
        /// When its data were current, as its record says.
        let time: Timestamp
    }

    /// The oldest first.
    private(set) var entries: [Entry]
    private let now: Timestamp

    init(_ entries: [Entry], now: Timestamp) {
        self.entries = entries
        self.now = now
    }

    mutating func insert(_ new: Entry) {
        let ancestors = ancestors(of: new)
        var index = index(at: new.time)
        if let newest = entries.lastIndex(where: { ancestors.contains($0.id) }) { index = max(index, newest + 1) }
        // What stands on it and was taken in before it goes behind it.
        let descendants = descendants(of: new)
        let older = entries[..<index].filter { !descendants.contains($0.id) }
        let moved = entries[..<index].filter { descendants.contains($0.id) }
        entries = older + [new] + moved + entries[index...]
    }

    /// Behind all that is not newer. A backup is as new as the newest before it: it was made after that one, with
    /// whatever clock.
    private func index(at time: Timestamp) -> Int {
        let time = min(time, now)
        var newest = Timestamp(microseconds: .min)
        return entries.firstIndex { entry in
            newest = max(newest, min(entry.time, now))
            return newest > time
        } ?? entries.count
    }

    private func ancestors(of new: Entry) -> Set<ResourceID> {
        let parents = Dictionary(entries.map { ($0.id, $0.parentID) }, uniquingKeysWith: { first, _ in first })
        var found: Set<ResourceID> = []
        var next = new.parentID
        while let id = next, found.insert(id).inserted { next = parents[id] ?? nil }
        return found
    }

    private func descendants(of new: Entry) -> Set<ResourceID> {
        let children = Dictionary(grouping: entries, by: \.parentID)
        var found: Set<ResourceID> = []
        var waiting = [new.id]
        while let id = waiting.popLast() {
            for child in children[id] ?? [] where found.insert(child.id).inserted { waiting.append(child.id) }
        }
        return found
    }
}
