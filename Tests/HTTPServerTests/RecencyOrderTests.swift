// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HTTPServer

struct RecencyOrderTests {
    @Test func `the oldest is the one that was touched longest ago`() {
        var order = RecencyOrder()
        #expect(order.oldest == nil)
        for number: UInt64 in 1...4 { order.touch(number) }
        order.touch(1)
        order.touch(1)
        #expect(order.oldest == 2 && order.count == 4)
        order.remove(2)
        order.remove(4)
        order.remove(9)
        #expect(order.oldest == 3)
        order.touch(3)
        #expect(order.oldest == 1)
        order.remove(1)
        order.remove(3)
        #expect(order.oldest == nil && order.count == 0 && !order.contains(3))
    }

    @Test func `agrees with a list that is searched`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        var order = RecencyOrder()
        var list: [UInt64] = []
        for round in 0..<5_000 {
            let number = UInt64.random(in: 0..<12, using: &random)
            list.removeAll { $0 == number }
            if Bool.random(using: &random) {
                order.touch(number)
                list.append(number)
            } else {
                order.remove(number)
            }
            #expect(order.oldest == list.first && order.count == list.count, "seed \(seed), round \(round)")
        }
    }
}
