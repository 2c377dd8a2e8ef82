// SPDX-License-Identifier: Apache-2.0
import Codecs
import Testing

struct ZeroBytesTests {
    @Test func `zeros are zeros at every length and alignment`() {
        for count in 0...700 {
            let buffer = GuardedBuffer(count: count)
            #expect(isAllZero(UnsafeRawBufferPointer(buffer.bytes)), "\(count) bytes")
        }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 255, 256, 257, 511, 700])
    func `finds one bit anywhere`(count: Int) {
        let buffer = GuardedBuffer(count: count)
        for index in 0..<count {
            buffer.bytes[index] = 1 << UInt8(index % 8)
            #expect(!isAllZero(UnsafeRawBufferPointer(buffer.bytes)), "byte \(index) of \(count)")
            buffer.bytes[index] = 0
        }
    }
}
