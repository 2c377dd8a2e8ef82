// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import Synchronization
import TestSupport
import Testing

/// A job hears at every checkpoint that it is no longer wanted.
struct CancellationTests {
    private static func volume(using random: inout SeededGenerator) -> SeededVolume {
        SeededVolume(patterns: [.noise, .text, .zeros, .noise], of: 400_000, using: &random)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `nothing is written after a cancelled backup has returned, and all of it can be removed`(
        _ algorithm: CompressionAlgorithm
    ) throws {
        let scratch = try TemporaryDirectory()
        let repository = try scratch.directory("repository")
        let chain = try BackupChain(PosixObjectStore(path: repository), parallelism: 4)
        var random = SeededGenerator(seed: 8)
        try Self.volume(using: &random).write(to: chain.path("volume"), using: &random)
        try chain.backUp(chain.path("volume"), Compression(algorithm))
        let before = try tree(repository)

        for number in 0... {
            let count = Atomic(0)
            let control = JobControl(checkpoint: {
                if count.add(1, ordering: .relaxed).newValue > number { throw EngineError.cancelled }
            })
            let location = chain.newLocation()
            let result = Result {
                try chain.backUp(
                    chain.path("volume"), Compression(algorithm), isFull: true, at: location, control: control)
            }
            guard case .failure(let error) = result else {
                #expect(number > 5)
                return
            }
            #expect(error as? EngineError == .cancelled)
            let after = try tree(repository)
            #expect(!after.contains { $0.contains(location.names.prefix) }, "nothing but its directories is left")
            #expect(chain.engine.isIdle)
            #expect(try tree(repository) == after)
            try chain.engine.deleteObjects(of: location.backupID, location.names, in: location.container)
            #expect(try tree(repository) == before)
        }
    }

    @Test func `work in the middle stops when the job is abandoned`() throws {
        let chain = try BackupChain(MemoryObjectStore())
        var random = SeededGenerator(seed: 9)
        try Self.volume(using: &random).write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.bz2))
        for number in 0..<5 {
            let count = Atomic(0)
            let control = JobControl(isAbandoned: { count.add(1, ordering: .relaxed).newValue > number })
            #expect(throws: EngineError.cancelled) {
                try chain.backUp(chain.path("volume"), Compression(.bz2), isFull: true, control: control)
            }
            #expect(chain.engine.isIdle)
            count.store(0, ordering: .relaxed)
            #expect(throws: EngineError.cancelled) { try chain.restore(point.layers, control: control) }
            #expect(chain.engine.isIdle)
        }
    }

    /// Who unpacks and who writes ask at different moments: what one of them has left out must not be taken for done.
    @Test(arguments: [BackupChain.Target.new, .dirty])
    func `a restore that is abandoned at any moment fails, or is whole`(_ target: BackupChain.Target) throws {
        let chain = try BackupChain(MemoryObjectStore(), parallelism: 2)
        var random = SeededGenerator(seed: 11)
        let volume = SeededVolume(patterns: [.noise, .text, .zeros, .noise], of: 2 << 20, using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib))
        for number in 0... {
            let count = Atomic(0)
            let control = JobControl(isAbandoned: { count.add(1, ordering: .relaxed).newValue > number })
            let result = Result { try chain.restore(point.layers, to: target, length: 2 << 20, control: control) }
            #expect(chain.engine.isIdle)
            switch result {
            case .failure(let error): #expect(error as? EngineError == .cancelled)
            case .success(let bytes):
                #expect(bytes == volume.bytes)
                #expect(number > 20)
                return
            }
        }
    }

    @Test func `a restore stops at every checkpoint`() throws {
        let chain = try BackupChain(MemoryObjectStore())
        var random = SeededGenerator(seed: 10)
        let volume = Self.volume(using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib))
        for number in 0... {
            let count = Atomic(0)
            let control = JobControl(checkpoint: {
                if count.add(1, ordering: .relaxed).newValue > number { throw EngineError.cancelled }
            })
            let result = Result { try chain.restore(point.layers, control: control) }
            if case .success(let bytes) = result {
                #expect(bytes == volume.bytes)
                #expect(number > 2)
                return
            }
            #expect(throws: EngineError.cancelled) { try result.get() }
            #expect(chain.engine.isIdle)
        }
    }

    @Test func `progress never falls and ends where it should`() throws {
        let chain = try BackupChain(MemoryObjectStore(), parallelism: 4)
        var random = SeededGenerator(seed: 11)
        let volume = Self.volume(using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        let seen = Mutex<[JobProgress]>([])
        let control = JobControl(report: { progress in seen.withLock { $0.append(progress) } })
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib), control: control)
        let backup = seen.withLock { $0 }
        #expect(backup.first?.bytesDone == 0)
        #expect(backup.last?.bytesDone == Int64(volume.bytes.count))
        #expect(backup.last?.objects == point.outcome.objectCount)
        #expect(backup.last?.chunks == Int64((volume.bytes.count + 65535) / 65536))
        seen.withLock { $0 = [] }
        #expect(try chain.restore(point.layers, control: control) == volume.bytes)
        let restore = seen.withLock { $0 }
        #expect(restore.last?.bytesDone == Int64(volume.bytes.count))
        for reports in [backup, restore] {
            for (earlier, later) in zip(reports, reports.dropFirst()) {
                #expect(earlier.bytesDone <= later.bytesDone && earlier.objects <= later.objects)
                #expect(earlier.bytesStored <= later.bytesStored && earlier.chunks <= later.chunks)
            }
        }
    }
}
