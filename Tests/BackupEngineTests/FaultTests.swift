// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import TestSupport
import Testing

/// The store fails at every operation in turn: a backup is complete or has no metadata object, a restore is
/// right or an error.
struct FaultTests {
    private typealias Operation = FaultyObjectStore.Operation

    private static func volumes() -> [SeededVolume] {
        var random = SeededGenerator(seed: 3)
        var volume = SeededVolume(patterns: [.noise, .text, .zeros, .noise], of: 150_000, using: &random)
        var volumes = [volume]
        for _ in 0..<2 {
            volume.change(.text, 5000..<90_000, using: &random)
            volumes.append(volume)
        }
        return volumes
    }

    @Test(arguments: [true, false])
    func `a backup that fails has no metadata object, one that succeeds restores`(_ forever: Bool) throws {
        let volumes = Self.volumes()
        let memory = MemoryObjectStore()
        let good = try BackupChain(memory)
        var random = SeededGenerator(seed: 4)
        try volumes[0].write(to: good.path("volume"), using: &random)
        try good.backUp(good.path("volume"), Compression(.zlib), chunkBytes: 32768)
        try volumes[1].write(to: good.path("volume"), using: &random)

        var failures = 0
        for number in 0... {
            let store = memory.copy()
            let faulty = FaultyObjectStore(store, fault: .init(number: number, forever: forever))
            let chain = try good.continued(on: faulty)
            let location = chain.newLocation()
            let result = Result {
                try chain.backUp(chain.path("volume"), Compression(.zlib), chunkBytes: 32768, at: location)
            }
            let isWhole = try store.names(in: location.container).contains(location.names.metadata)
            switch result {
            case .success:
                #expect(isWhole)
                #expect(faulty.operations.count == number, "the fault at \(number) went unnoticed")
                let again = try good.continued(on: store)
                #expect(try again.restore(good.points[0].layers + [location]) == volumes[1].bytes)
                #expect(failures > 10)
                return
            case .failure(let error):
                failures += 1
                if forever, let leftovers = error as? LeftoverObjects {
                    #expect(leftovers.reason is StorageFault && leftovers.removal is StorageFault)
                    let left = try store.names(in: location.container)
                    #expect(leftovers.count == left.count && left.contains(leftovers.first))
                } else {
                    #expect(error is StorageFault)
                    let left = try store.names(in: location.container)
                    #expect(left.isEmpty, "the operation \(number) failed and \(left) are left")
                }
                #expect(!isWhole, "the operation \(number) failed and the metadata object is there")
                #expect(chain.engine.isIdle)
                // What is left goes away, and what was there before stays.
                let cleaner = try good.continued(on: store)
                try cleaner.engine.deleteObjects(of: location.backupID, location.names, in: location.container)
                #expect(store.contents == memory.contents)
            }
        }
    }

    @Test(arguments: [BackupChain.Target.new, .dirty])
    func `a restore is right or an error, whichever operation fails`(_ target: BackupChain.Target) throws {
        let volumes = Self.volumes()
        let memory = MemoryObjectStore()
        let good = try BackupChain(memory)
        var random = SeededGenerator(seed: 5)
        for volume in volumes {
            try volume.write(to: good.path("volume"), using: &random)
            try good.backUp(good.path("volume"), Compression(.zstd), chunkBytes: 32768)
        }
        let layers = good.points[2].layers
        for number in 0... {
            let faulty = FaultyObjectStore(memory, fault: .init(number: number))
            let chain = try good.continued(on: faulty)
            let result = Result { try chain.restore(layers, to: target, length: volumes[2].bytes.count) }
            switch result {
            case .success(let bytes):
                #expect(bytes == volumes[2].bytes)
                #expect(faulty.operations.count == number, "the fault at \(number) went unnoticed")
                return
            case .failure(let error):
                #expect(error is StorageFault)
                #expect(chain.engine.isIdle)
            }
        }
    }

    @Test func `a deletion that fails can be done again, and says so when listing fails`() throws {
        let memory = MemoryObjectStore()
        let good = try BackupChain(memory)
        var random = SeededGenerator(seed: 6)
        try Self.volumes()[0].write(to: good.path("volume"), using: &random)
        let location = try good.backUp(good.path("volume"), chunkBytes: 32768).layers[0]
        for hasMetadata in [true, false] {
            if !hasMetadata { try memory.put(nil, location.names.metadata, location.container) }
            for number in 0... {
                let store = memory.copy()
                let faulty = FaultyObjectStore(store, fault: .init(number: number))
                let result = Result {
                    try good.continued(on: faulty).engine.deleteObjects(
                        of: location.backupID, location.names, in: location.container)
                }
                if case .success = result {
                    #expect(faulty.operations.count == number, "the fault at \(number) went unnoticed")
                    #expect(store.contents.isEmpty)
                    break
                }
                try good.continued(on: store).engine.deleteObjects(
                    of: location.backupID, location.names, in: location.container)
                #expect(store.contents.isEmpty, "after a fault at \(number)")
            }
        }
    }
}
