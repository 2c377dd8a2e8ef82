// SPDX-License-Identifier: Apache-2.0
import Foundation
import Posix
import TestSupport
import Testing

struct KernelTreeTests {
    @Test func `texts and names are read`() throws {
        let temporary = try TemporaryDirectory()
        for (name, text) in [("b", "7:0\n"), ("a", ""), ("long", String(repeating: "x", count: 200_000))] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: temporary.path(name)))
        }
        let tree = KernelTree(temporary.path)
        #expect(tree.text("b") == "7:0" && tree.text("a") == "" && tree.text("long")?.utf8.count == 200_000)
        #expect(tree.text("none") == nil && tree.text("") == nil)
        #expect(tree.names(in: ".") == ["a", "b", "long"] && tree.names(in: "none") == [])
        #expect(tree.contains("a") && !tree.contains("none"))
    }

    @Test func `the real ones are there`() {
        #expect(KernelTree.proc.text("self/mountinfo")?.contains(" / ") == true)
        #expect(KernelTree.sys.contains("dev/block"))
    }
}
