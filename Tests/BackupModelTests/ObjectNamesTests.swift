// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct ObjectNamesTests {
    private let names = ObjectNames(prefix: "volume_v_1_backup_b")

    @Test(arguments: [
        (1, "-00001"), (99999, "-99999"), (100_000, "-100000"), (999_999, "-999999"), (1_000_000, "-1000000"),
        (999_999_999_999_999_999, "-999999999999999999"),
    ])
    func `numbers have five digits, more where they are needed`(_ number: Int64, suffix: String) {
        #expect(names.data(number) == names.prefix + suffix)
        #expect(names.number(of: names.prefix + suffix) == number)
        #expect(names.isOwn(names.prefix + suffix))
    }

    @Test(arguments: [
        "", "-", "-1", "-0001", "-00000", "-000001", "-0100000", "-+0001", "--0001", "-0001 ", " -00001", "-00001.tmp",
        "-00001-00001", ".bak", "_metadata2", "-0x001", "-1e004", "-\u{0661}\u{0661}\u{0661}\u{0661}\u{0661}",
        "-1000000000000000000", "-99999999999999999999999999", "-00001\u{301}", "-00001\n", "_sha256", "_00001",
    ])
    func `a name that merely begins with the prefix is foreign`(_ suffix: String) {
        #expect(names.number(of: names.prefix + suffix) == nil)
        #expect(!names.isOwn(names.prefix + suffix))
    }

    @Test(arguments: ["-00001", "volume_v_1_backup_c-00001", "xvolume_v_1_backup_b-00001", "VOLUME_v_1_backup_b-00001"])
    func `a name without the prefix is foreign`(_ name: String) {
        #expect(names.number(of: name) == nil)
        #expect(!names.isOwn(name))
    }

    @Test func `the prefix of a new backup is that of the directory driver`() throws {
        let volume = try #require(ResourceID("aaaaaaaa-0000-4000-8000-000000000001"))
        let backup = try #require(ResourceID("11111111-1111-4111-8111-111111111111"))
        let time = try #require(Timestamp("2026-11-23T00:56:12"))
        let names = ObjectNames(volumeID: volume, backupID: backup, at: time)
        #expect(names.prefix == "volume_\(volume)_20261123005612_backup_\(backup)")
        #expect(names.metadata == names.prefix + "_metadata")
        #expect(names.sha256file == names.prefix + "_sha256file")
        #expect(names.isOwn(names.metadata) && names.isOwn(names.sha256file))
    }
}
