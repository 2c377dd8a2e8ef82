// SPDX-License-Identifier: Apache-2.0

/// What waits for its turn, in order. Everybody has a place, from which it may be taken before its turn comes; nothing
/// here takes longer because many wait.
struct WaitingLine<Element> {
    /// Where an element stands; smaller ones are nearer to the front. No place is given twice while somebody has it.
    typealias Place = Int

    private var elements: [Place: Element] = [:]
    /// No element stands before `front`, and none at `end` or behind it. Places between them may be empty.
    private var front: Place = 0
    private var end: Place = 0

    /// Lets it wait behind all others.
    mutating func append(_ element: Element) -> Place {
        defer { end += 1 }
        elements[end] = element
        return end
    }

    /// Lets it wait before all others.
    mutating func prepend(_ element: Element) -> Place {
        front -= 1
        elements[front] = element
        return front
    }

    /// Takes the first out of the line.
    mutating func popFirst() -> Element? {
        while front < end {
            defer { front += 1 }
            if let element = elements.removeValue(forKey: front) { return element }
        }
        return nil
    }

    /// Takes out who stands at this place.
    mutating func remove(at place: Place) -> Element? { elements.removeValue(forKey: place) }
}
