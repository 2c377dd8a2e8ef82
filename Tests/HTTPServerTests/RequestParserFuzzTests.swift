// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HTTPServer

struct RequestParserFuzzTests {
    @Test func `survives mutations, and cutting them changes nothing`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        let samples = SampleRequests.short.map(\.text)
        for round in 0..<2_000 {
            var bytes = Array((samples.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            #expect(
                ParsedStream([bytes]) == ParsedStream([bytes[..<cut], bytes[cut...]]), "seed \(seed), round \(round)")
        }
    }

    private static let nasty: [UInt8] = [0, 9, 10, 11, 13, 32, 44, 48, 58, 59, 127, 128, 255]

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let index = Int.random(in: 0...bytes.count, using: &random)
        let length = Int.random(in: 0...min(16, bytes.count - index), using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.insert(nasty.randomElement(using: &random) ?? 0, at: index)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 2: bytes.removeSubrange(index..<index + length)
        case 3: bytes.insert(contentsOf: Array(bytes[index..<index + length]), at: index)
        default: bytes.append(contentsOf: bytes[..<index])
        }
    }
}
