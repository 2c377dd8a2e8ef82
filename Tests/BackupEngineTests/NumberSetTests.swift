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
            if Int.random(in: 0..<20, using: &random) == 0 {
                #expect(numbers.first == expected.min())
                #expect(numbers.count == expected.count)
            }
        }
    }

    @Test(arguments: [0, 1, 64, 100, 299])
    func `all are taken out in order, up to the first that is refused`(_ refused: Int64) throws {
        var numbers = NumberSet()
        for number in (0..<300).shuffled() { _ = numbers.insert(Int64(number)) }
        var taken: [Int64] = []
        #expect(throws: StorageFault()) {
            try numbers.removeAll { number in
                if number == refused { throw StorageFault() }
                taken.append(number)
            }
        }
        #expect(taken == Array(0..<refused))
        #expect(numbers.first == refused && numbers.count == 300 - taken.count)
        numbers.removeAll { _ in }
        #expect(numbers.count == 0 && numbers.first == nil)
    }
}
