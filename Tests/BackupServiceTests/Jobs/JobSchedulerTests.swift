// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import BackupService

struct JobSchedulerTests {
    /// What has begun, in order, and the gates that hold jobs.
    private final class Stage: Sendable {
        private let begun = Mutex<[String]>([])
        private let gates = Mutex<[String: DispatchSemaphore]>([:])

        var names: [String] { begun.withLock { $0 } }

        /// A job that runs until `open`.
        func gated(_ name: String) -> JobScheduler.Work {
            let gate = DispatchSemaphore(value: 0)
            gates.withLock { $0[name] = gate }
            return { [self] _ in
                begun.withLock { $0.append(name) }
                gate.wait()
            }
        }

        func short(_ name: String) -> JobScheduler.Work { { [self] _ in begun.withLock { $0.append(name) } } }

        func open(_ name: String) { gates.withLock { $0[name] }?.signal() }

        func hasBegun(_ expected: [String]) -> Bool { eventually { names == expected } }
    }

    private let scheduler = JobScheduler(maxRunningJobs: 1)
    private let stage = Stage()
    private let a = ResourceID.random()
    private let b = ResourceID.random()

    @Test func `lanes do not wait for each other`() {
        scheduler.submit(a, number: 1, .backup, stage.gated("backup"))
        scheduler.submit(b, number: 2, .restore, stage.short("restore"))
        scheduler.start()
        #expect(stage.hasBegun(["backup"]))
        scheduler.submit(.random(), number: 0, .deletion, stage.short("deletion"))
        #expect(stage.hasBegun(["backup", "deletion"]))
        scheduler.submit(.random(), number: 0, .inspection, stage.short("inspection"))
        #expect(stage.hasBegun(["backup", "deletion", "inspection"]))
        #expect(scheduler.countsByKind.waiting == [.restore: 1])
        stage.open("backup")
        #expect(stage.hasBegun(["backup", "deletion", "inspection", "restore"]))
        #expect(scheduler.stop(within: .seconds(20)))
    }

    @Test func `a job of a backup that runs waits beside its line`() {
        scheduler.submit(a, number: 1, .backup, stage.gated("backup of a"))
        scheduler.start()
        #expect(stage.hasBegun(["backup of a"]))
        scheduler.submit(a, number: 0, .deletion, stage.short("deletion of a"))
        scheduler.submit(b, number: 0, .deletion, stage.short("deletion of b"))
        #expect(stage.hasBegun(["backup of a", "deletion of b"]))
        #expect(scheduler.counts.waiting == 1)
        stage.open("backup of a")
        #expect(stage.hasBegun(["backup of a", "deletion of b", "deletion of a"]))
        #expect(scheduler.stop(within: .seconds(20)))
        #expect(scheduler.counts == (0, 0))
    }

    @Test func `a withdrawn job does not run, and the next one does`() {
        scheduler.submit(a, number: 1, .backup, stage.short("first"))
        scheduler.submit(b, number: 2, .backup, stage.short("second"))
        #expect(scheduler.withdraw(a, number: 1))
        #expect(!scheduler.withdraw(a, number: 1))
        scheduler.start()
        #expect(stage.hasBegun(["second"]))
        #expect(!scheduler.withdraw(b, number: 2))
        #expect(scheduler.stop(within: .seconds(20)))
        #expect(stage.names == ["second"])
    }

    @Test func `before the start and after the stop nothing begins`() {
        scheduler.submit(a, number: 1, .backup, stage.gated("first"))
        scheduler.submit(b, number: 2, .backup, stage.short("second"))
        #expect(scheduler.counts == (0, 2))
        scheduler.start()
        #expect(stage.hasBegun(["first"]))
        #expect(!scheduler.stop(within: .zero))
        stage.open("first")
        #expect(scheduler.stop(within: .seconds(20)))
        #expect(stage.names == ["first"])
        #expect(scheduler.counts == (0, 1))
    }
}
