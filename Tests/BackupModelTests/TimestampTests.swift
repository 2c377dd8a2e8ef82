// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00", 0), ("1969-12-31T23:59:59.999999", -1), ("2000-02-29T12:00:00", 951_825_600_000_000),
        ("2026-11-23T01:03:13.957894", 1_795_395_793_957_894), ("1900-03-01T00:00:00", -2_203_891_200_000_000),
        ("2100-02-28T23:59:59", 4_107_542_399_000_000), ("0001-01-01T00:00:00", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999", 253_402_300_799_999_999), ("0000-01-01T00:00:00", -62_167_219_200_000_000),
    ])
    func `knows the calendar`(_ text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
        #expect(Timestamp(microseconds: microseconds).iso8601 == text)
    }

    @Test(arguments: [
        ("2026-11-23 00:56:11+00:00", "2026-11-23T00:56:11"), ("2026-11-23 00:56:11", "2026-11-23T00:56:11"),
        ("2026-11-23T00:56:11Z", "2026-11-23T00:56:11"), ("2026-11-23T00:56:11.5Z", "2026-11-23T00:56:11.500000"),
        ("2026-11-23T00:56:11.1234567", "2026-11-23T00:56:11.123456"),
        ("2026-11-23T02:26:11+01:30", "2026-11-23T00:56:11"), ("2026-11-22T23:56:11-0100", "2026-11-23T00:56:11"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00"), ("2016-12-31T23:59:60", "2017-01-01T00:00:00"),
    ])
    func `reads the forms that are in use`(_ text: String, expected: String) {
        #expect(Timestamp(text)?.iso8601 == expected)
    }

    @Test(arguments: [
        "", "None", "2026", "2026-11-23", "2026-11-23T00:56", "2026-13-01T00:00:00", "2026-00-01T00:00:00",
        "2026-01-00T00:00:00", "2026-01-32T00:00:00", "2026-02-29T00:00:00", "2026-04-31T00:00:00",
        "1900-02-29T00:00:00", "2026-01-01T24:00:00", "2026-01-01T00:60:00", "2026-01-01T00:00:61",
        "2026-01-01T00:00:00.", "2026-01-01T00:00:00.1234567890", "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00x", "2026-01-01T00:00:00ZZ", "-026-01-01T00:00:00",
        "+026-01-01T00:00:00", "20260101000000", "٢٠٢٦-01-01T00:00:00", " 2026-01-01T00:00:00",
        "2026-01-01\u{301}T00:00:00",
    ])
    func `refuses everything else`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `every moment comes back from its text`() {
        var random = SeededGenerator(seed: 18)
        for _ in 0..<5000 {
            let time = Timestamp(
                microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random))
            #expect(Timestamp(time.iso8601) == time)
            #expect(Timestamp(time.metadataText) == time)
        }
    }

    @Test(arguments: [Int64.min, .min + 1, .max, -1, 0])
    func `no moment is too far away to be written`(_ microseconds: Int64) {
        #expect(!Timestamp(microseconds: microseconds).iso8601.isEmpty)
    }

    @Test func `the compact form is that of object names`() throws {
        #expect(try #require(Timestamp("2026-11-23 00:56:12.25")).compact == "20261123005612")
    }
}
