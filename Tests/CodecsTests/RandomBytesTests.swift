// SPDX-License-Identifier: Apache-2.0
import Codecs
import Testing

struct RandomBytesTests {
    @Test func `gives as many bytes as asked for, never the same`() throws {
        #expect(try randomBytes(0) == [])
        let first = try randomBytes(32)
        let second = try randomBytes(32)
        #expect(first.count == 32)
        #expect(first != second)
    }
}
