// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import Testing

@testable import BackupEngine

struct ProgressMeterTests {
    @Test func `what several threads add is reported without ever falling, and all of it at the end`() {
        let reports = Mutex<[JobProgress]>([])
        let meter = ProgressMeter(JobProgress(phase: .restoring, bytesTotal: 4_000)) { progress in
            reports.withLock { $0.append(progress) }
        }
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<1_000 { meter.add(bytes: 3, objects: 1) }
        }
        meter.finish()
        let seen = reports.withLock { $0 }
        #expect(seen.last?.bytesDone == 12_000 && seen.last?.objects == 4_000)
        for (last, next) in zip(seen, seen.dropFirst()) {
            #expect(last.bytesDone <= next.bytesDone && last.objects <= next.objects)
        }
    }
}
