// SPDX-License-Identifier: Apache-2.0

/// What the list of a backup's objects has still to be read for. It stands in the row until it has been done.
package enum Inspection: String, Sendable, Equatable {
    /// The backup was imported: its objects are to be counted, and the length of its volume is to be found out.
    case measure
    /// The backup is to be `available` as soon as its objects have been found.
    case prove
}

/// What the object list of an imported backup says.
package struct Measurement: Sendable, Equatable {
    package var objectCount: Int
    /// Length of the volume; nil as long as an ancestor that it depends on is missing.
    package var sizeBytes: Int64?

    package init(objectCount: Int, sizeBytes: Int64?) {
        self.objectCount = objectCount
        self.sizeBytes = sizeBytes
    }
}
