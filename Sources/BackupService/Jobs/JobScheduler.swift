// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch
import Foundation
import Synchronization

/// Runs jobs on threads of their own: backups and restores at most `maxRunningJobs` at a time, in the order in
/// which they came; deletions beside them, one at a time, so that space can be freed while long backups run; so are
/// inspections.
///
/// One backup has at most one job that runs; another one of it waits beside the line, and keeps nobody. What waits here
/// also stands in the catalog, which says how many may, and survives the daemon. Starting, submitting and withdrawing a
/// job take the same time however many wait.
package final class JobScheduler: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case backup, restore, deletion, inspection

        /// Those of one lane wait for each other.
        var lane: Lane {
            switch self {
            case .backup, .restore: .data
            case .deletion: .deletion
            case .inspection: .inspection
            }
        }
    }

    enum Lane: CaseIterable { case data, deletion, inspection }

    package typealias Work = @Sendable (JobFlag) -> Void

    struct Job: Sendable {
        let id: ResourceID
        let number: Int64
        let kind: Kind
        let work: Work
    }

    private struct Running {
        let number: Int64
        let kind: Kind
        let flag: JobFlag
    }

    private struct State {
        var waiting = WaitingJobs()
        var running: [ResourceID: Running] = [:]
        var isStarted = false
        var isStopping = false
    }

    private let maxRunningJobs: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "scheduler")
    private let allEnded = DispatchGroup()

    package init(maxRunningJobs: Int) { self.maxRunningJobs = maxRunningJobs }

    /// Lets jobs begin. Until then they wait, whatever their number.
    package func start() {
        state.withLock { $0.isStarted = true }
        queue.async { self.startWhatMayRun() }
    }

    /// Puts a job at the end of its lane. A job of the same backup that is running ends first. `number` is the
    /// job's in the catalog, from 1: it tells this job from an earlier or later one of the same backup. 0 is for jobs
    /// that nobody withdraws.
    package func submit(_ id: ResourceID, number: Int64, _ kind: Kind, _ work: @escaping Work) {
        state.withLock { $0.waiting.append(Job(id: id, number: number, kind: kind, work: work)) }
        queue.async { self.startWhatMayRun() }
    }

    /// Takes a job out of the line. False when it is not waiting.
    package func withdraw(_ id: ResourceID, number: Int64) -> Bool {
        state.withLock { $0.waiting.withdraw(id, number: number) }
    }

    /// Tells a running job that it is not wanted any more. False when it is not running.
    @discardableResult
    package func cancelRunning(_ id: ResourceID, number: Int64) -> Bool {
        state.withLock { state in
            guard let running = state.running[id], running.number == number else { return false }
            running.flag.raise(.cancelled)
            return true
        }
    }

    package var counts: (running: Int, waiting: Int) {
        state.withLock { ($0.running.count, $0.waiting.counts.values.reduce(0, +)) }
    }

    /// The same by kind; kinds of which there is none are left out.
    package var countsByKind: (running: [Kind: Int], waiting: [Kind: Int]) {
        state.withLock { state in
            (state.running.values.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }, state.waiting.counts)
        }
    }

    /// Starts nothing more, tells the running jobs to end, and waits for them. False when they did not in time.
    package func stop(within timeout: Duration) -> Bool {
        state.withLock { state in
            state.isStopping = true
            for running in state.running.values { running.flag.raise(.stopping) }
        }
        let seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18
        return allEnded.wait(timeout: .now() + seconds) == .success
    }

    /// Calls `body` after everything that the scheduler has to do before: a sign that it is alive.
    package func tick(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    private func startWhatMayRun() {
        while let (job, flag) = nextToRun() {
            // Jobs block for hours; Dispatch's pool of threads is for work that does not.
            Thread.detachNewThread {
                Thread.current.name = "job"
                job.work(flag)
                self.ended(job)
            }
        }
    }

    private func nextToRun() -> (Job, JobFlag)? {
        state.withLock { state in
            guard state.isStarted, !state.isStopping else { return nil }
            let running = state.running
            for lane in Lane.allCases where hasRoom(lane, state) {
                guard let job = state.waiting.popFirst(of: lane, isBusy: { running[$0] != nil }) else { continue }
                let flag = JobFlag()
                state.running[job.id] = Running(number: job.number, kind: job.kind, flag: flag)
                allEnded.enter()
                return (job, flag)
            }
            return nil
        }
    }

    private func hasRoom(_ lane: Lane, _ state: borrowing State) -> Bool {
        state.running.values.count { $0.kind.lane == lane } < (lane == .data ? maxRunningJobs : 1)
    }

    private func ended(_ job: Job) {
        state.withLock { state in
            state.running[job.id] = nil
            state.waiting.release(job.id)
        }
        allEnded.leave()
        queue.async { self.startWhatMayRun() }
    }
}
