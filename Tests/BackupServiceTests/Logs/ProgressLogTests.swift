// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Logging
import Posix
import TestSupport
import Testing

@testable import BackupService

struct ProgressLogTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("log")
    }

    private func log(lines: Int = 1000) -> JSONLog {
        var limits = LineWriter.Limits()
        limits.lines = lines
        return JSONLog(named: "Progress log", path: path, limits: limits, logger: Logger(label: "test"))
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `a FIFO without a reader drops lines, and gets those after a reader came`() throws {
        try systemCall("make", path) { mkfifo(path, 0o600) }
        let log = log()
        for _ in 0..<3 { log.append(["n": 1]) }
        #expect(log.flush(within: .seconds(60)))
        #expect(log.droppedLines == 3)
        let reader = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        log.append(["n": 2])
        #expect(log.flush(within: .seconds(60)))
        #expect(try received(from: reader).hasSuffix("{\"n\": 2}\n"))
        #expect(log.droppedLines == 3)
    }

    @Test func `a reader of a FIFO that stops reading loses lines, whole ones, and gets those after it goes on`() throws
    {
        try systemCall("make", path) { mkfifo(path, 0o600) }
        let reader = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        let log = log(lines: 100_000)
        let line: JSONValue = ["text": .string(String(repeating: "x", count: 1000))]
        for _ in 0..<200 { log.append(line) }
        #expect(log.flush(within: .seconds(60)))
        #expect((1..<200).contains(log.droppedLines), "a pipe holds 64 KiB")
        let before = try received(from: reader)
        log.append(["n": 2])
        #expect(log.flush(within: .seconds(60)))
        let lines = (before + (try received(from: reader))).split(separator: "\n")
        #expect(lines.last == "{\"n\": 2}")
        #expect(lines.count == 200 - Int(log.droppedLines) + 1)
        #expect(lines.dropLast().allSatisfy { $0 == lines[0] })
    }

    @Test(.enabled(if: HangingFileSystem.isPossible, "needs root and /dev/fuse"))
    func `on a disk that hangs nobody waits; the lines that wait are bounded and come when it answers`() throws {
        let far = try HangingFileSystem(on: directory.directory("far"))
        defer { far.unmount() }
        let log = JSONLog(
            named: "Progress log",
            path: far.path("log"), limits: limits(3), logger: Logger(label: "test"))
        log.append(["n": 0])
        #expect(log.flush(within: .seconds(60)))
        far.hang()
        for number in 1...10 { log.append(["n": .integer(Int64(number))]) }
        log.reopen()
        #expect(!log.flush(within: .milliseconds(1)))
        #expect(log.droppedLines == 7)
        far.answer()
        #expect(log.flush(within: .seconds(60)))
        let text = try String(contentsOfFile: far.path("log"), encoding: .utf8)
        #expect(text == (0...3).map { "{\"n\": \($0)}\n" }.joined())
    }

    @Test func `a log that was moved away is made anew`() throws {
        let log = log()
        log.append(["n": 1])
        #expect(log.flush(within: .seconds(60)))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        log.reopen()
        log.append(["n": 2])
        #expect(log.flush(within: .seconds(60)))
        #expect(try text() == "{\"n\": 2}\n")
    }

    private func limits(_ lines: Int) -> LineWriter.Limits {
        var limits = LineWriter.Limits()
        limits.lines = lines
        return limits
    }

    /// What is in the pipe now.
    private func received(from reader: OpenFile) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var text = ""
        while true {
            let count = read(reader.descriptor, &bytes, bytes.count)
            guard count > 0 else { return text }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }
}
