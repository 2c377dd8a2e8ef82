// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupService

struct VolumeKernelTableTests {
    @Test(arguments: [
        (#"/mnt/my\040disk"#, "/mnt/my disk"),
        (#"/mnt/tab\011line\012back\134slash"#, "/mnt/tab\tline\nback\\slash"),
        (#"/mnt/\303\251"#, "/mnt/é"),
        (#"/mnt/\04"#, #"/mnt/\04"#),
        (#"/mnt/\089"#, #"/mnt/\089"#),
        (#"/mnt/\777"#, #"/mnt/\777"#),
        (#"\"#, #"\"#),
        ("", ""),
    ])
    func `octal escapes are undone`(_ text: String, expected: String) {
        #expect(unescapingOctal(text) == expected)
    }

    @Test func `mountinfo is read with any number of optional fields`() {
        let text = #"""
            22 27 0:21 / /proc rw,relatime - proc proc rw
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict,resuid=65534,resgid=65534
            36 35 98:0 /mnt1 /mnt/my\040disk rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue
            41 27 0:38 /@home /home rw,relatime shared:3 - btrfs /dev/sda2 rw,subvolid=257
            """#
        #expect(
            Mount.all(inMountinfo: text) == [
                Mount(
                    id: 22, device: "0:21", mountPoint: "/proc", source: "proc", type: "proc", options: ["rw"]),
                Mount(
                    id: 27, device: "254:0", mountPoint: "/", source: "/dev/vda", type: "ext4",
                    options: ["rw", "discard", "resv_strict", "resuid=65534", "resgid=65534"]),
                Mount(
                    id: 36, device: "98:0", root: "/mnt1", mountPoint: "/mnt/my disk", source: "/dev/root",
                    type: "ext3",
                    options: ["rw", "errors=continue"]),
                Mount(
                    id: 41, device: "0:38", root: "/@home", mountPoint: "/home", source: "/dev/sda2",
                    type: "btrfs", options: ["rw", "subvolid=257"]),
            ])
    }

    @Test(arguments: [
        ("/", "/", "/srv/a", "/srv/a"), ("/", "/", "/", "/"), ("/", "/mnt", "/mnt/a", "/a"), ("/", "/mnt", "/mnt", "/"),
        ("/sub", "/mnt", "/mnt/a", "/sub/a"), ("/sub", "/mnt", "/mnt", "/sub"), ("/sub", "/", "/", "/sub"),
        ("/", "/mnt", "/mnt2/a", nil),
    ])
    func `a path has its place in the file system`(_ root: String, mountPoint: String, path: String, place: String?) {
        let mount = Mount(device: "8:1", root: root, mountPoint: mountPoint, source: "/dev/sda1")
        #expect(mount.placeInFileSystem(of: path) == place)
    }

    @Test(arguments: ["", "\n\n", "36 35 98:0 / /mnt rw", "- - - - - - -", "a b c d e f g h"])
    func `a line that is no mount is left out`(_ text: String) {
        #expect(Mount.all(inMountinfo: text).allSatisfy { $0.device == "-" })
    }

    @Test func `a blank with an accent after it still parts two fields`() {
        #expect(kernelTable("a \u{301}b\tc\n\u{301}d") == [["a", "\u{301}b", "c"], ["\u{301}d"]])
    }

    @Test func `swaps are devices and files`() {
        let text = """
            Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
            /dev/dm-1                               partition\t8388604\t\t0\t\t-2
            /srv/my\\040swap                         file\t\t1048572\t\t0\t\t-3
            """
        #expect(swapPaths(in: text) == ["/dev/dm-1", "/srv/my swap"])
        #expect(swapPaths(in: "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n") == [])
        #expect(swapPaths(in: "") == [])
    }

    @Test func `locks are counted, leases and those who wait are not`() {
        let text = """
            1: POSIX  ADVISORY  WRITE 28693 fe:00:16271985 1073741824 1073742335
            2: FLOCK  ADVISORY  WRITE 28693 fe:00:16223188 0 EOF
            2: -> FLOCK  ADVISORY  WRITE 28700 fe:00:16223199 0 EOF
            3: OFDLCK ADVISORY  READ -1 00:1a:77 100 100
            4: LEASE  ACTIVE    READ 780 fe:00:42 0 EOF
            5: DELEG  ACTIVE    READ 780 fe:00:43 0 EOF
            6: POSIX  ADVISORY  READ 780 <none>:0 0 EOF
            7: POSIX  ADVISORY
            """
        #expect(
            FileLock.all(inLocks: text) == [
                FileLock(.record, fileSystem: "254:0", inode: 16_271_985, isExclusive: true, owner: 28693),
                FileLock(.flock, fileSystem: "254:0", inode: 16_223_188, isExclusive: true, owner: 28693),
                FileLock(.record, fileSystem: "0:26", inode: 77, isExclusive: false, owner: -1),
            ])
    }
}
