// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Has lines written in their order by a thread of its own, which may hang: a disk, or a reader of a pipe, that takes
/// nothing keeps nobody waiting. The lines that wait are bounded; what comes when they are too many is lost, and counted.
package final class LineWriter: Sendable {
    package struct Limits: Sendable {
        package var lines = 4096
        package var bytes = 4 << 20

        package init() {}
    }

    /// Writes one line, on the writer's thread.
    /// - Parameter lost: How many are missing before it. The line is empty where nothing has come after those.
    /// - Throws: when the line is lost, too.
    package typealias Write = @Sendable (_ line: [UInt8], _ lost: Int64) throws -> Void

    private struct Line {
        let bytes: [UInt8]
        /// Lines that there was no room for, between the one before and this one.
        let missing: Int64
    }

    private struct State {
        /// Not written yet, those in the thread's hands among them.
        var lines = 0
        var bytes = 0
        var waiting: [Line] = []
        var isWriting = false
        /// Lines that there was no room for, since there last was.
        var missing: Int64 = 0
        /// Lines that could not be written, since one could.
        var failed: Int64 = 0
        var lostTotal: Int64 = 0
    }

    private let name: String
    private let limits: Limits
    private let write: Write
    private let state = Mutex(State())
    private let unwritten = DispatchGroup()

    /// - Parameter name: Of the thread. There is one while there are lines.
    package init(named name: String, limits: Limits = Limits(), write: @escaping Write) {
        self.name = name
        self.limits = limits
        self.write = write
    }

    /// Never waits. False for the first line that is lost because there is no room.
    @discardableResult
    package func append(_ line: [UInt8]) -> Bool {
        let (needsThread, isFirstLost) = state.withLock { state in
            guard state.lines < limits.lines, state.bytes + line.count <= limits.bytes else {
                state.missing += 1
                state.lostTotal += 1
                return (false, state.missing == 1)
            }
            unwritten.enter()
            add(line, to: &state)
            defer { state.isWriting = true }
            return (!state.isWriting, false)
        }
        if needsThread {
            Thread.detachNewThread {
                Thread.current.name = self.name
                self.writeAll()
            }
        }
        return !isFirstLost
    }

    /// Lines that were not written, since the daemon began.
    package var lostLines: Int64 { state.withLock { $0.lostTotal } }

    /// Waits until all lines so far are written or lost. False when they were not in time.
    @discardableResult
    package func flush(within timeout: Duration) -> Bool {
        unwritten.wait(timeout: .now() + timeout / .seconds(1)) == .success
    }

    private func add(_ line: [UInt8], to state: inout State) {
        state.waiting.append(Line(bytes: line, missing: state.missing))
        state.missing = 0
        state.lines += 1
        state.bytes += line.count
    }

    // MARK: - The thread

    private func writeAll() {
        while let lines = next() {
            for line in lines {
                write(line)
                unwritten.leave()
            }
        }
    }

    private func write(_ line: Line) {
        let lost = state.withLock { $0.failed } + line.missing
        let result = Result { try write(line.bytes, lost) }
        state.withLock { state in
            state.lines -= 1
            state.bytes -= line.bytes.count
            switch result {
            case .success: state.failed = 0
            case .failure:
                let count: Int64 = line.bytes.isEmpty ? 0 : 1
                state.failed = lost + count
                state.lostTotal += count
            }
        }
    }

    /// nil when the thread is to end.
    private func next() -> [Line]? {
        state.withLock { state in
            if state.waiting.isEmpty, state.missing > 0 {
                unwritten.enter()
                add([], to: &state)
            }
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
