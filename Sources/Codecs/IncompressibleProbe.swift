// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Tells by a few samples that long data will not get shorter: noise, or what is packed or encrypted already.
///
/// It packs 128 KiB out of megabytes. What it overlooks is stored raw, so a run that would pack has to be
/// shorter than the distance between two samples to be lost.
final class IncompressibleProbe {
    /// Shorter input is simply packed.
    static let leastInputBytes = 1 << 20

    private static let sampleBytes = 4096
    private static let sampleCount = 32
    /// Samples that shrink by less than one part in 32 count as noise.
    private static let roomBytes = sampleBytes * sampleCount / 32 * 31

    private let codec: ISALCompressor
    private let samples = UnsafeMutableRawBufferPointer.allocate(byteCount: sampleBytes * sampleCount, alignment: 64)
    private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: roomBytes, alignment: 64)

    init() throws { codec = try ISALCompressor() }

    deinit {
        samples.deallocate()
        packed.deallocate()
    }

    /// - Precondition: `input` holds at least `leastInputBytes`.
    func isIncompressible(_ input: UnsafeRawBufferPointer) throws -> Bool {
        let distance = (input.count - Self.sampleBytes) / (Self.sampleCount - 1)
        for index in 0..<Self.sampleCount {
            let sample = UnsafeRawBufferPointer(rebasing: input[index * distance..<index * distance + Self.sampleBytes])
            UnsafeMutableRawBufferPointer(rebasing: samples[(index * Self.sampleBytes)...]).copyMemory(from: sample)
        }
        return try codec.compress(UnsafeRawBufferPointer(samples), into: packed, isAbandoned: { false }) == nil
    }
}
