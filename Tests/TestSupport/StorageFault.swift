// SPDX-License-Identifier: Apache-2.0

/// What a `FaultyObjectStore` throws when nothing else is asked of it.
package struct StorageFault: Error, Equatable, CustomStringConvertible {
    package init() {}
    package var description: String { "the test broke the store here" }
}
