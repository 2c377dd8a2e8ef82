// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Synchronization

/// The tools for one object at a time: a hasher and codecs, whose memory is worth using again.
final class Workbench: @unchecked Sendable {  // lent to one thread at a time by `Workbenches`
    let sha256: SHA256Hasher
    private var usedProbe: IncompressibleProbe?
    private var compressors: [CompressionAlgorithm: Compressor] = [:]
    private var decompressors: [CompressionAlgorithm: any Decompressor] = [:]

    init() throws {
        sha256 = try SHA256Hasher()
    }

    func probe() throws -> IncompressibleProbe {
        let probe = try usedProbe ?? IncompressibleProbe()
        usedProbe = probe
        return probe
    }

    func compressor(_ algorithm: CompressionAlgorithm, level: CompressionLevel) throws -> Compressor {
        if let ready = compressors[algorithm] { return ready }
        let made = try Compressor(algorithm, level: level)
        compressors[algorithm] = made
        return made
    }

    /// Ready for the start of an object.
    func decompressor(_ algorithm: CompressionAlgorithm) throws -> any Decompressor {
        if let used = decompressors[algorithm] {
            used.reset()
            return used
        }
        let made = try makeDecompressor(algorithm)
        decompressors[algorithm] = made
        return made
    }
}

/// Lends workbenches to threads; as many exist as were ever in use at once since the engine was last idle.
final class Workbenches: Sendable {
    private struct State {
        var free: [Workbench] = []
        var lent = 0
    }

    private let state = Mutex(State())

    func withBench<Result>(_ body: (Workbench) throws -> Result) throws -> Result {
        try withBenches(1) { try body($0[0]) }
    }

    func withBenches<Result>(_ count: Int, _ body: ([Workbench]) throws -> Result) throws -> Result {
        var benches = state.withLock { state in
            state.lent += count
            let ready = Array(state.free.suffix(count))
            state.free.removeLast(ready.count)
            return ready
        }
        do {
            while benches.count < count { benches.append(try Workbench()) }
            let result = try body(benches)
            giveBack(benches, of: count)
            return result
        } catch {
            // Whatever failed may have left a hasher or a codec in the middle of an object.
            giveBack([], of: count)
            throw error
        }
    }

    private func giveBack(_ benches: [Workbench], of count: Int) {
        state.withLock { state in
            state.lent -= count
            state.free.append(contentsOf: benches)
            // Contexts of bz2 and zstd take megabytes: an idle daemon keeps none.
            if state.lent == 0, state.free.count > 1 { state.free.removeLast(state.free.count - 1) }
        }
    }
}
