// SPDX-License-Identifier: Apache-2.0
import Posix
import Testing

struct DescriptorLimitTests {
    @Test func `is raised as far as possible, and never lowered`() throws {
        let limit = try DescriptorLimit.raise(to: 1)
        #expect(limit > 1)
        #expect(try DescriptorLimit.raise(to: limit) == limit)
        let most = try DescriptorLimit.raise(to: .max)
        #expect(most >= limit)
        #expect(try DescriptorLimit.raise(to: 1) == most)
    }
}
