// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Tells by a few samples that long data will not get shorter: noise, or what is packed or encrypted already.
///
/// It packs 4 KiB out of each 128, and 128 KiB of what is longer than 4 MiB. What it overlooks is stored raw, so a run
/// that would pack has to be shorter than the distance between two samples to be lost.
package final class IncompressibleProbe {
    /// Shorter input is simply packed.
    static let leastInputBytes = 1 << 20

    private static let sampleBytes = 4096
    private static let mostSamples = 32
    private static let sampleDistance = 128 << 10

    private let codec: ISALCompressor
    private let samples = UnsafeMutableRawBufferPointer.allocate(byteCount: sampleBytes * mostSamples, alignment: 64)
    private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: sampleBytes * mostSamples, alignment: 64)

    package init() throws { codec = try ISALCompressor() }

    deinit {
        samples.deallocate()
        packed.deallocate()
    }

    /// - Precondition: `input` holds at least `leastInputBytes`.
    func isIncompressible(_ input: UnsafeRawBufferPointer) throws -> Bool {
        let count = min(input.count / Self.sampleDistance, Self.mostSamples)
        let distance = (input.count - Self.sampleBytes) / (count - 1)
        for index in 0..<count {
            let sample = UnsafeRawBufferPointer(rebasing: input[index * distance..<index * distance + Self.sampleBytes])
            UnsafeMutableRawBufferPointer(rebasing: samples[(index * Self.sampleBytes)...]).copyMemory(from: sample)
        }
        let sampled = UnsafeRawBufferPointer(rebasing: samples[..<(count * Self.sampleBytes)])
        // Samples that shrink by less than one part in 32 count as noise.
        let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(sampled.count / 32 * 31)])
        return try codec.compress(sampled, into: room, isAbandoned: { false }) == nil
    }

    /// Runs of noise in `input`, in whole units from its start.
    /// - Precondition: `unit` is at least a MiB.
    package func runs(in input: UnsafeRawBufferPointer, unit: Int) throws -> [Range<Int>] {
        precondition(unit >= Self.leastInputBytes)
        var runs: [Range<Int>] = []
        for start in stride(from: 0, through: input.count - unit, by: unit) {
            let range = start..<start + unit
            if try isIncompressible(UnsafeRawBufferPointer(rebasing: input[range])) { runs.appendJoined(range) }
        }
        return runs
    }
}
