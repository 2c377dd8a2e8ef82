// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

@testable import BackupService

final class WaitingJobsTests {
    private var jobs = WaitingJobs()
    private let ids = (0..<6).map { _ in ResourceID.random() }

    private func job(_ index: Int, number: Int64, _ kind: JobScheduler.Kind = .backup) -> JobScheduler.Job {
        JobScheduler.Job(id: ids[index], number: number, kind: kind) { _ in }
    }

    private func withdraw(_ index: Int, number: Int64) -> Bool { jobs.withdraw(ids[index], number: number) }

    /// Which jobs have their turn, in order, by their numbers.
    private func all(of lane: JobScheduler.Lane, busy: Set<ResourceID> = []) -> [Int64] {
        var numbers: [Int64] = []
        while let job = jobs.popFirst(of: lane, isBusy: busy.contains) { numbers.append(job.number) }
        return numbers
    }

    @Test func `each lane is in the order of arrival`() {
        for (index, kind) in [JobScheduler.Kind.backup, .deletion, .restore, .inspection, .backup].enumerated() {
            jobs.append(job(index, number: Int64(index + 1), kind))
        }
        #expect(jobs.counts == [.backup: 2, .deletion: 1, .restore: 1, .inspection: 1])
        #expect(all(of: .data) == [1, 3, 5])
        #expect(all(of: .deletion) == [2])
        #expect(all(of: .inspection) == [4])
        #expect(jobs.counts == [:])
    }

    @Test func `a job whose backup is busy keeps nobody, and comes first when it is not`() {
        for index in 0..<4 { jobs.append(job(index, number: Int64(index + 1))) }
        #expect(all(of: .data, busy: [ids[0], ids[1]]) == [3, 4])
        #expect(jobs.counts == [.backup: 2])
        jobs.append(job(4, number: 5))
        jobs.release(ids[1])
        jobs.release(ids[0])
        #expect(all(of: .data) == [1, 2, 5])
    }

    @Test func `two jobs of a busy backup keep their order`() {
        jobs.append(job(0, number: 1, .restore))
        jobs.append(job(1, number: 2))
        jobs.append(job(0, number: 3, .restore))
        #expect(all(of: .data, busy: [ids[0]]) == [2])
        jobs.release(ids[0])
        #expect(all(of: .data) == [1, 3])
    }

    @Test func `a job is withdrawn once, wherever it waits`() {
        for index in 0..<4 { jobs.append(job(index, number: Int64(index + 1))) }
        #expect(withdraw(2, number: 3))
        #expect(!withdraw(2, number: 3))
        #expect(!withdraw(1, number: 1), "the number is another backup's")
        #expect(all(of: .data, busy: [ids[0], ids[1]]) == [4])
        #expect(withdraw(0, number: 1), "held by a running job")
        jobs.release(ids[1])
        #expect(withdraw(1, number: 2), "released, and not yet run")
        #expect(jobs.counts == [:])
        #expect(all(of: .data) == [])
        #expect(!withdraw(3, number: 4), "it has had its turn")
    }

    @Test func `jobs without a number are not withdrawn, and do not meet`() {
        jobs.append(job(0, number: 0, .inspection))
        jobs.append(job(0, number: 0, .inspection))
        #expect(!withdraw(0, number: 0))
        #expect(all(of: .inspection) == [0, 0])
    }

    /// With a look at the whole line for each this takes hours.
    @Test(.timeLimit(.minutes(1)))
    func `200 000 jobs take their time, and not their square`() {
        let count: Int64 = 200_000
        for number in 1...count { jobs.append(job(Int(number % 6), number: number)) }
        for number in stride(from: count, to: 0, by: -2) {
            #expect(withdraw(Int(number % 6), number: number))
        }
        #expect(jobs.counts == [.backup: Int(count) / 2])
        let busy = ids[1]
        var ran = 0
        while jobs.popFirst(of: .data, isBusy: { $0 == busy }) != nil { ran += 1 }
        jobs.release(busy)
        while jobs.popFirst(of: .data, isBusy: { _ in false }) != nil { ran += 1 }
        #expect(ran == Int(count) / 2)
    }
}
