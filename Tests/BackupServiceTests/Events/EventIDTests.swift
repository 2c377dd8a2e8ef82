// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupService

struct EventIDTests {
    @Test func `reads what it writes`() {
        let id = EventID(epoch: EventID.newEpoch(), number: 17)
        #expect(EventID("\(id)") == id)
        #expect(id.epoch.count == 12)
    }

    @Test(arguments: ["", "-", "a", "a-", "a-x", "a-99999999999999999999", "a-1.5", "7"])
    func `what is no id is none`(text: String) {
        #expect(EventID(text) == nil)
    }
}
