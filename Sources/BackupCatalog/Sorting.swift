// SPDX-License-Identifier: Apache-2.0

/// One key of a list's order.
package struct Sorting<Key: Sendable & Equatable>: Sendable, Equatable {
    package var key: Key
    package var ascending: Bool

    package init(_ key: Key, ascending: Bool) {
        self.key = key
        self.ascending = ascending
    }
}
