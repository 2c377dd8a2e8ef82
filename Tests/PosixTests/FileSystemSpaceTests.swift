// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import TestSupport
import Testing

struct FileSystemSpaceTests {
    @Test func `df says the same`() throws {
        let directory = try TemporaryDirectory()
        let file = try OpenFile(directory.path, O_RDONLY | O_DIRECTORY)
        // Others write to the disk meanwhile: some look must agree with df's.
        let agrees = try eventually {
            let space = try FileSystemSpace(holding: file)
            let numbers = try Shell.run("df", "--block-size=1", "--output=used,avail", directory.path)
                .split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
            return numbers == [space.used, space.free]
        }
        #expect(agrees)
    }
}
