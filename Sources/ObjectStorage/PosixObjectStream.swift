// SPDX-License-Identifier: Apache-2.0
import Posix

/// A file that grows, and that the disk begins to write meanwhile.
final class PosixObjectStream: ObjectStream {
    private let file: OpenFile
    private let durability: Durability
    private var position: Int64 = 0

    init(_ file: OpenFile, _ durability: Durability) {
        self.file = file
        self.durability = durability
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes, at: position)
        file.startWriteback(at: position, length: Int64(bytes.count))
        position += Int64(bytes.count)
    }

    func finish() throws {
        if durability == .oneByOne { try file.synchronize() }
        try file.close()
    }
}
