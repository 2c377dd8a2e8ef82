// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A tree of small text files by which the system tells about itself: `/proc`, `/sys`, or a copy in a test.
package struct KernelTree: Sendable {
    private let root: String

    package init(_ root: String) { self.root = root }

    package static let proc = KernelTree("/proc")
    package static let sys = KernelTree("/sys")
    /// What udev knows of devices, by their numbers: `b8:1`.
    package static let udev = KernelTree("/run/udev/data")

    /// The text of a file, less the newline at its end; nil when it is not there or may not be read.
    package func text(_ name: String) -> String? {
        guard let file = try? OpenFile(root + "/" + name, O_RDONLY) else { return nil }
        var text: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { piece.deallocate() }
        while true {
            guard let count = try? file.read(into: piece, at: Int64(text.count)) else { return nil }
            text += piece[..<count]
            if count < piece.count { break }
        }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// The names in a directory, sorted; none when it is not there.
    package func names(in directory: String) -> [String] {
        var names: [String] = []
        try? OpenFile.directory(root + "/" + directory).forEachName { names.append($0) }
        return names.sorted()
    }

    package func contains(_ name: String) -> Bool { access(root + "/" + name, F_OK) == 0 }
}
