// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The jobs that wait for their turn, each in the line of its lane. What is done here takes the same time however many
/// wait.
struct WaitingJobs {
    typealias Job = JobScheduler.Job
    typealias Kind = JobScheduler.Kind

    /// By what a job is withdrawn.
    private struct Name: Hashable {
        let id: ResourceID
        let number: Int64
    }

    private var lines: [JobScheduler.Lane: WaitingLine<Job>] = [:]
    /// Where a job stands that can be withdrawn.
    private var places: [Name: (lane: JobScheduler.Lane, place: WaitingLine<Job>.Place)] = [:]
    /// Jobs whose turn came while another one of the same backup ran, in that order.
    private var held: [ResourceID: [Job]] = [:]
    /// How many wait; kinds of which there is none are left out.
    private(set) var counts: [Kind: Int] = [:]

    mutating func append(_ job: Job) {
        let place = lines[job.kind.lane, default: WaitingLine()].append(job)
        note(place, of: job)
        counts[job.kind, default: 0] += 1
    }

    /// False when it does not wait.
    mutating func withdraw(_ id: ResourceID, number: Int64) -> Bool {
        let name = Name(id: id, number: number)
        guard number > 0, let job = removeFromLine(name) ?? removeHeld(name) else { return false }
        countDown(job.kind)
        return true
    }

    /// Takes out the first job of the lane whose backup has none that runs. Those before it are held until `release`.
    mutating func popFirst(of lane: JobScheduler.Lane, isBusy: (ResourceID) -> Bool) -> Job? {
        while let job = lines[lane]?.popFirst() {
            places[Name(id: job.id, number: job.number)] = nil
            guard isBusy(job.id) else {
                countDown(job.kind)
                return job
            }
            held[job.id, default: []].append(job)
        }
        return nil
    }

    /// The running job of the backup has ended: what it held comes before everything that came later.
    mutating func release(_ id: ResourceID) {
        for job in held.removeValue(forKey: id)?.reversed() ?? [] {
            let place = lines[job.kind.lane, default: WaitingLine()].prepend(job)
            note(place, of: job)
        }
    }

    private mutating func note(_ place: WaitingLine<Job>.Place, of job: Job) {
        guard job.number > 0 else { return }
        places[Name(id: job.id, number: job.number)] = (job.kind.lane, place)
    }

    private mutating func removeFromLine(_ name: Name) -> Job? {
        guard let (lane, place) = places.removeValue(forKey: name) else { return nil }
        return lines[lane]?.remove(at: place)
    }

    private mutating func removeHeld(_ name: Name) -> Job? {
        guard let index = held[name.id]?.firstIndex(where: { $0.number == name.number }) else { return nil }
        return held[name.id]?.remove(at: index)
    }

    private mutating func countDown(_ kind: Kind) {
        guard let count = counts[kind] else { return }
        counts[kind] = count > 1 ? count - 1 : nil
    }
}
