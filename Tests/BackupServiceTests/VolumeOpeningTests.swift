// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Glibc
import Posix
import TestSupport
import Testing

struct VolumeOpeningTests {
    @Test func `a file opens for reading and for writing`() throws {
        let machine = try VolumeFixture()
        let record = try machine.register(try machine.file("images/a.img", bytes: 3))
        try machine.access.openForWriting(record).write(Array("new".utf8))
        #expect(try machine.access.openForReading(record).text() == "new")
        #expect(try machine.access.sizeBytes(record) == 3)
    }

    @Test func `what has taken a file's place since is refused`() throws {
        let machine = try VolumeFixture()
        let record = try machine.register(try machine.file("images/a.img"))
        let secret = try machine.file("outside/secret")
        let replacements: [(String, () throws -> Void)] = [
            ("link", { try machine.link("images/a.img", to: secret) }),
            ("fifo", { try machine.fifo("images/a.img") }),
            ("directory", { _ = try machine.temporary.directory("images/a.img") }),
            ("nothing", {}),
        ]
        for (name, replace) in replacements {
            try? machine.remove("images/a.img")
            try replace()
            #expect(throws: ServiceError.self, "\(name)") { try machine.access.openForReading(record) }
            #expect(throws: ServiceError.self, "\(name)") { try machine.access.openForWriting(record) }
            #expect(throws: ServiceError.self, "\(name)") { try machine.access.sizeBytes(record) }
            #expect(machine.access.usage(of: record) == .free)
        }
    }

    @Test func `a directory that has become a link to elsewhere is refused`() throws {
        let machine = try VolumeFixture()
        _ = try machine.temporary.directory("images/sub")
        let record = try machine.register(try machine.file("images/sub/a.img"))
        try machine.file("outside/a.img")
        try machine.remove("images/sub")
        try machine.link("images/sub", to: machine.path("outside"))
        #expect(throws: ServiceError.self) { try machine.access.openForReading(record) }
    }

    /// One thread swaps a file and a link to a secret; the other must never read the secret.
    @Test func `no moment lets a link through`() throws {
        let machine = try VolumeFixture()
        try machine.file("images/a.img", bytes: 0)
        try OpenFile(machine.path("outside/secret"), O_RDWR | O_CREAT).write(Array("secret".utf8))
        try machine.link("images/link", to: machine.path("outside/secret"))
        let record = try machine.register(machine.path("images/a.img"))
        let swapper = NameSwapper("a.img", "link", in: try OpenFile.directory(machine.path("images")))
        defer { swapper.stop() }
        var reads = 0
        for _ in 0..<2000 {
            guard let file = try? machine.access.openForReading(record) else { continue }
            #expect(try file.text() == "")
            reads += 1
        }
        #expect(reads > 0)
    }

    @Test func `a record of a device does not open a file`() throws {
        let machine = try VolumeFixture()
        var record = try machine.register(try machine.file("images/a.img"))
        record.device = 7 << 8
        #expect(throws: ServiceError.badSource(record.source, reason: "it was a block device, and is now a file")) {
            try machine.access.openForReading(record)
        }
    }
}

extension OpenFile {
    fileprivate func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0, at: 0) } }

    fileprivate func text() throws -> String {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { bytes.deallocate() }
        return try String(decoding: bytes[..<read(into: bytes, at: 0)], as: UTF8.self)
    }
}
