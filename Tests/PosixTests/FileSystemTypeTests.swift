// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import TestSupport
import Testing

struct FileSystemTypeTests {
    @Test(arguments: ["/", "/proc", "/sys", "/dev", "/tmp"])
    func `is what stat says`(_ path: String) throws {
        let type = try FileSystemType(holding: OpenFile(path, O_RDONLY | O_DIRECTORY))
        let number = try Shell.run("stat", "--file-system", "--format=%t", path)
        #expect(String(type.number, radix: 16) == number)
    }

    @Test func `of what is closed there is none`() {
        #expect(throws: SystemCallError.self) { try FileSystemType(holding: OpenFile(adopting: 1 << 20, path: "")) }
    }
}

struct KernelVersionTests {
    @Test(arguments: [
        ("6.12.41+deb13-amd64", KernelVersion(6, 12)), ("5.8.0", KernelVersion(5, 8)), ("5.10", KernelVersion(5, 10)),
        ("6.1-rc3", KernelVersion(6, 1)), ("10.0.1", KernelVersion(10, 0)), ("", nil), ("6", nil), ("6.", nil),
        ("x.y", nil), (".1.2", nil),
    ])
    func `is read from a release`(_ release: String, _ expected: KernelVersion?) {
        #expect(KernelVersion(release: release) == expected)
    }

    @Test func `is compared by number, not by letter`() {
        #expect(KernelVersion(5, 7) < KernelVersion(5, 8))
        #expect(KernelVersion(5, 8) < KernelVersion(5, 10))
        #expect(KernelVersion(5, 19) < KernelVersion(6, 0))
        #expect(KernelVersion(9, 0) < KernelVersion(10, 0))
    }

    @Test func `of the running kernel is that of uname`() throws {
        #expect(try KernelVersion.running == KernelVersion(release: Shell.run("uname", "-r")))
        #expect(KernelVersion.running != nil)
    }
}
