// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

struct ProcessUsageTests {
    @Test func `this process takes something of everything`() throws {
        let usage = try #require(ProcessUsage())
        #expect(usage.cpuSeconds > 0)
        #expect(usage.residentBytes > 1 << 20)
        #expect(usage.virtualBytes >= usage.residentBytes)
        #expect(usage.openFilesLimit > 0)
        #expect(Int64(usage.openFiles) <= usage.openFilesLimit)
    }

    @Test func `open files are counted`() throws {
        // Other tests open and close files meanwhile, but not a thousand.
        let before = try #require(ProcessUsage()).openFiles
        let files = try (0..<1000).map { _ in try OpenFile("/dev/null", O_RDONLY) }
        let more = try #require(ProcessUsage()).openFiles - before
        #expect((500...1500).contains(more))
        #expect(files.count == 1000)
    }

    @Test func `the start lies before now, and after the machine's`() throws {
        let start = try #require(ProcessUsage.startTime())
        #expect(start < Date().timeIntervalSince1970)
        #expect(start > Date().timeIntervalSince1970 - ProcessInfo.processInfo.systemUptime * 10 - 86_400)
    }

    @Test func `a process whose name looks like fields is read all the same`() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.directory("self")
        let fields = (1...50).map { "\($0)" }.joined(separator: " ")
        try "1 (a) b (c 1 2) S \(fields)".write(toFile: directory.path("self/stat"), atomically: true, encoding: .utf8)
        let start = try #require(ProcessUsage.startTime(proc: KernelTree(directory.path)))
        try "1 (x) S \(fields)".write(toFile: directory.path("self/stat"), atomically: true, encoding: .utf8)
        let plain = try #require(ProcessUsage.startTime(proc: KernelTree(directory.path)))
        #expect(abs(start - plain) < 60)
    }

    @Test func `without proc nothing is told`() throws {
        let nowhere = KernelTree(try TemporaryDirectory().path)
        #expect(ProcessUsage(proc: nowhere) == nil)
        #expect(ProcessUsage.startTime(proc: nowhere) == nil)
    }
}
