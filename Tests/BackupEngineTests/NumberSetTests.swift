// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import BackupEngine

struct NumberSetTests {
    @Test func `behaves as any other set`() {
        var random = SeededGenerator(seed: 27)
        var numbers = NumberSet()
        var expected: Set<Int64> = []
        let strays: [Int64] = [1, 63, 64, 65, 127, 128, 999_999_999_999_999_999, .max, .max - 1, 0]
        for _ in 0..<20_000 {
            let number =
                Bool.random(using: &random)
                ? .random(in: 1...300, using: &random) : strays.randomElement(using: &random) ?? 0
            if Bool.random(using: &random) {
                #expect(numbers.insert(number) == expected.insert(number).inserted)
            } else {
                #expect(numbers.remove(number) == (expected.remove(number) != nil))
            }
            if Int.random(in: 0..<20, using: &random) == 0 { #expect(numbers.first == expected.min()) }
        }
    }
}
