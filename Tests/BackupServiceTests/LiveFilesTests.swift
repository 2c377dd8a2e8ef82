// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix
import Synchronization
import TestSupport
import Testing

@testable import BackupService

struct LiveFilesTests {
    /// A file system on which `hung` does not answer until the test lets it.
    private final class Disk: Sendable {
        let gate = DispatchSemaphore(value: 0)
        let looks = Mutex(0)

        func look(_ path: String) -> FileStatus.Identity? {
            looks.withLock { $0 += 1 }
            if path.hasPrefix("hung") { gate.wait() }
            return path == "missing" ? nil : FileStatus.Identity(fileSystem: 1, inode: UInt64(path.utf8.count))
        }
    }

    private let disk = Disk()
    private let files: LiveFiles

    init() { files = LiveFiles(patience: Patience()) { [disk] in disk.look($0) } }

    @Test func `everything that answers is known`() {
        let answer = files.identities(at: ["a", "missing", "bb"])
        #expect(answer.identities.mapValues(\.inode) == ["a": 1, "bb": 2] && answer.silent == [])
    }

    @Test func `what hangs is left out, once for all, and asked again when it has answered`() {
        let paths = ["a", "hung", "bb"]
        for expectedLooks in [3, 5] {
            let answer = files.identities(at: paths, patience: .milliseconds(50))
            #expect(answer.identities.mapValues(\.inode) == ["a": 1, "bb": 2] && answer.silent == ["hung"])
            #expect(disk.looks.withLock { $0 } == expectedLooks)
        }
        disk.gate.signal()
        #expect(
            eventually {
                disk.gate.signal()
                return files.identities(at: paths, patience: .milliseconds(50)).silent == []
            })
    }

    @Test func `however many hang, nobody waits longer than the limit`() {
        let paths = (0..<100).map { "hung\($0)" } + ["a"]
        let start = ContinuousClock.now
        let answer = files.identities(at: paths, patience: .milliseconds(20), limit: .milliseconds(200))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(answer.identities.isEmpty && Set(answer.silent) == Set(paths))
        for _ in paths { disk.gate.signal() }
    }
}
