// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix
import Synchronization

/// A part of a window that is to be written: bytes, and their place in the volume.
struct WindowPart: @unchecked Sendable {  // nobody changes the bytes before they are written
    let bytes: UnsafeRawBufferPointer
    let offset: Int64
    /// Something older may be there.
    let overwrites: Bool
}

/// Writes to the volume on threads of its own: workers unpack the next window while one is being written.
///
/// Into a new file one thread writes: file systems let only one at a time write where a file has a hole, and who waits
/// for that lock, or for a processor while it holds it, keeps the others from working.
final class RestoreWriter: Sendable {
    private let target: RestoreTarget
    private let meter: ProgressMeter
    private let traffic: Traffic
    private let isAbandoned: @Sendable () -> Bool
    private let threads: WorkerThreads
    private let failure = Mutex<(any Error)?>(nil)

    init(target: RestoreTarget, meter: ProgressMeter, traffic: Traffic, isAbandoned: @escaping @Sendable () -> Bool) {
        self.target = target
        self.meter = meter
        self.traffic = traffic
        self.isAbandoned = isAbandoned
        threads = WorkerThreads(limit: target.writers, keeping: target.writers) { TimeSlice.shorten() }
    }

    /// Writes the parts soon. Their bytes are needed until `group` is through.
    /// - Parameter wantedBytes: How many of them nobody else will write.
    /// - Throws: What an earlier part has failed with; then nothing is written any more.
    func write(_ parts: [WindowPart], wantedBytes: Int64, group: DispatchGroup) throws {
        try check()
        group.enter()
        threads.run {
            self.writeNow(parts, wantedBytes: wantedBytes)
            group.leave()
        }
    }

    /// Nothing is written any more, and who asks hears of it: the restore has failed.
    func fail(_ error: any Error) {
        failure.withLock { $0 = $0 ?? error }
    }

    /// - Throws: What the restore has failed with.
    func check() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func writeNow(_ parts: [WindowPart], wantedBytes: Int64) {
        do {
            try check()
            // What is not written must not be taken for written.
            if isAbandoned() { throw EngineError.cancelled }
            for part in parts { try target.write(part.bytes, at: part.offset, overwriting: part.overwrites) }
            meter.add(bytes: wantedBytes)
            traffic.addRestored(wantedBytes)
        } catch {
            fail(error)
        }
    }
}
