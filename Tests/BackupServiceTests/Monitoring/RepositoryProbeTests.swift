// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix
import Synchronization
import SystemPackage
import Testing

@testable import BackupService

struct RepositoryProbeTests {
    private let space = FileSystemSpace(used: 1, free: 2)

    @Test func `the answer is passed on`() throws {
        let probe = RepositoryProbe { [space] in space }
        #expect(try probe.space() == space)
    }

    @Test func `a failure says why, and the next question is asked anew`() throws {
        let isBroken = Mutex(true)
        let probe = RepositoryProbe { [space] in
            if isBroken.withLock({ $0 }) { throw SystemCallError("use", "/r", .readOnlyFileSystem) }
            return space
        }
        #expect {
            try probe.space()
        } throws: {
            "\($0)".contains("Read-only file system") && ($0 as? ReadinessError)?.summary.contains("/r") == false
        }
        isBroken.withLock { $0 = false }
        #expect(try probe.space() == space)
    }

    @Test func `a disk that does not answer holds up nobody, and is asked once`() throws {
        let asked = Atomic(0)
        let answers = DispatchSemaphore(value: 0)
        let probe = RepositoryProbe(patience: .milliseconds(1)) { [space] in
            asked.add(1, ordering: .relaxed)
            answers.wait()
            return space
        }
        for _ in 0..<10 {
            #expect(throws: ReadinessError.repository(reason: "it does not answer")) { try probe.space() }
        }
        #expect(asked.load(ordering: .relaxed) <= 1)
        answers.signal()
    }
}
