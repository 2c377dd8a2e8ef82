// SPDX-License-Identifier: Apache-2.0
import Glibc
import ObjectStorage
import Posix
import TestSupport
import Testing

struct DurabilityTests {
    private static let newEnough = KernelVersion(6, 1)

    @Test(arguments: [FileSystemType.ext4, .xfs, .btrfs, .f2fs, .tmpfs])
    func `syncfs alone is trusted on a few, from 5_8 on`(_ fileSystem: FileSystemType) {
        #expect(Durability(on: fileSystem, under: Self.newEnough) == .together)
        #expect(Durability(on: fileSystem, under: KernelVersion(5, 8)) == .together)
        #expect(Durability(on: fileSystem, under: KernelVersion(5, 7)) == .oneByOne)
        #expect(Durability(on: fileSystem, under: KernelVersion(4, 19)) == .oneByOne)
        #expect(Durability(on: fileSystem, under: nil) == .oneByOne)
    }

    @Test(arguments: [FileSystemType.fuse, .overlay, .nfs, FileSystemType(number: 0), FileSystemType(number: .max)])
    func `everything else is not trusted`(_ fileSystem: FileSystemType) {
        #expect(Durability(on: fileSystem, under: Self.newEnough) == .oneByOne)
        #expect(Durability(on: nil, under: Self.newEnough) == .oneByOne)
    }

    @Test func `what cannot be asked is not trusted`() {
        #expect(Durability(in: OpenFile(adopting: 1 << 20, path: "")) == .oneByOne)
    }

    @Test func `a directory is judged by its own file system`() throws {
        let process = try OpenFile("/proc", O_RDONLY | O_DIRECTORY)
        #expect(Durability(in: process) == .oneByOne)
        let memory = try OpenFile("/dev/shm", O_RDONLY | O_DIRECTORY)
        let isTrusted = try FileSystemType(holding: memory) == .tmpfs
        #expect((Durability(in: memory) == .together) == isTrusted)
    }
}
