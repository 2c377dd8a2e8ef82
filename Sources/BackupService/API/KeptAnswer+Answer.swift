// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension KeptAnswer {
    init(_ answer: Answer) {
        self.init(status: answer.status, location: answer.location, body: answer.json?.text)
    }
}

extension Answer {
    /// The same answer again, byte for byte: what JSON was written from is what it is read to.
    init(_ kept: KeptAnswer) throws {
        self.init(
            kept.status, try kept.body.map { try JSONValue(parsing: Array($0.utf8)) }, location: kept.location)
    }
}
