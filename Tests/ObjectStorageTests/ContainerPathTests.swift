// SPDX-License-Identifier: Apache-2.0
import ObjectStorage
import Testing

struct ContainerPathTests {
    @Test(arguments: [
        ("a", "a"), ("a/b", "a/b"), ("a//b", "a/b"), ("./a", "a"), ("a/", "a"), ("a/.", "a"), (".//a/././b//", "a/b"),
        (" a", " a"), (".a/b.", ".a/b."), ("...", "..."),
    ])
    func `the names of a directory become the one of a container`(name: String, text: String) throws {
        #expect(try ContainerPath(normalizing: name).text == text)
        #expect(try ContainerPath(text).text == text)
    }

    @Test(arguments: [
        "", ".", "./", "/", "//a", "/a", "..", "a/..", "./..", "a//../b", "a/\u{0}",
        "./" + String(repeating: "x", count: 256),
    ])
    func `what is no container has no such name`(name: String) {
        #expect(throws: StorageError.self) { try ContainerPath(normalizing: name) }
    }
}
