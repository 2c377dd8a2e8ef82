// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct ResourceIDTests {
    @Test func `reads a UUID in either case and writes it in lower case`() {
        #expect(ResourceID("7A3EFB78-39af-41a2-93ee-a817af204a0a")?.text == "7a3efb78-39af-41a2-93ee-a817af204a0a")
    }

    @Test(arguments: [
        "", "7a3efb78", "7a3efb7839af41a293eea817af204a0a", "7a3efb78-39af-41a2-93ee-a817af204a0",
        "../../../../etc/passwd",
        "7a3efb78-39af-41a2-93ee-a817af204a0ag", "{7a3efb78-39af-41a2-93ee-a817af204a0a}",
        "g a3efb78-39af-41a2-93ee-a817",
        "7a3efb78-39af-41a2-93ee-a817af204a0a\n", "7a3efb78-39af-41a2-93ee-a817af204a0\u{fd}",
        "7a3efb7-839af-41a2-93ee-a817af204a0a",
        "-7a3efb78-39af-41a2-93ee-a817af204a0a", "٧a3efb78-39af-41a2-93ee-a817af204a0a",
    ])
    func `refuses everything else`(_ text: String) {
        #expect(ResourceID(text) == nil)
    }

    @Test func `random ones are of version 4, and different`() {
        let ids = (0..<1000).map { _ in ResourceID.random() }
        #expect(Set(ids).count == 1000)
        for id in ids {
            #expect(ResourceID(id.text) == id)
            let text = Array(id.text)
            #expect(text[14] == "4" && "89ab".contains(text[19]))
        }
    }
}
