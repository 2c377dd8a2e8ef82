// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

extension JSONReader {
    /// Reads the text of an object: what others wrote need not be readable to be used.
    convenience init(reading object: any ObjectReader) {
        self.init(badText: .replaced) { try object.read(into: $0) }
    }
}
