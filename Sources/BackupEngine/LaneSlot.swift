// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// What the restore of one object at a time needs: a workbench, room for stored bytes, and windows for unpacked ones. While
/// one window is being written, the next one is filled.
final class LaneSlot {
    let bench: Workbench
    let input: UnsafeMutableRawBufferPointer
    private let windows: [UnsafeMutableRawBufferPointer]
    /// Through when the window of the same index has been written.
    private let writes: [DispatchGroup]
    private var current = 0

    static let inputBytes = 512 << 10

    /// Memory for a slot with windows of that many bytes; whole pages, for they are filled past the page cache.
    static func memoryBytes(windows: Int, of windowBytes: Int) -> Int { inputBytes + windows * wholePages(windowBytes) }

    private static func wholePages(_ byteCount: Int) -> Int { (byteCount + 4095) / 4096 * 4096 }

    /// `memory`: as much as `memoryBytes` says, for one window at least.
    init(_ memory: UnsafeMutableRawBufferPointer, windows count: Int, of windowBytes: Int, bench: Workbench) {
        self.bench = bench
        input = UnsafeMutableRawBufferPointer(rebasing: memory[..<Self.inputBytes])
        windows = (0..<count).map { index in
            let start = Self.inputBytes + index * Self.wholePages(windowBytes)
            return UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + windowBytes])
        }
        writes = (0..<count).map { _ in DispatchGroup() }
    }

    /// The window that was not used for longest, as soon as what it held is written.
    func nextWindow() -> UnsafeMutableRawBufferPointer {
        current = (current + 1) % windows.count
        writes[current].wait()
        return windows[current]
    }

    /// For those who write what is in the window that was used last.
    var writing: DispatchGroup { writes[current] }

    func waitForWrites() {
        for group in writes { group.wait() }
    }
}
