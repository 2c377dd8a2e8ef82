// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes
import Testing

@testable import BackupService

struct MicroversionTests {
    private func version(_ header: String?) throws -> String {
        var headers: HTTPFields = [:]
        if let header { headers.set(Microversion.headerName, header) }
        return try Microversion(headers).description
    }

    @Test(arguments: [
        (nil, "3.0"), ("volume 3.71", "3.71"), ("volume 3.0", "3.0"), ("Volume  3.64", "3.64"),
        ("volume latest", "3.71"), ("compute 2.1", "3.0"), ("compute 2.1, volume 3.43", "3.43"),
    ])
    func `reads what clients send`(header: String?, expected: String) throws {
        #expect(try version(header) == expected)
    }

    @Test(arguments: [
        "volume", "volume 3", "volume 3.", "volume 3.x", "volume 3.071", "volume -3.1", "volume 3.1.2", "3.71",
        "volume 3.1 x",
        "volume 3.99999999999999999999", "volume ٣.٤", ",",
    ])
    func `refuses what is no version`(header: String) {
        #expect { try version(header) } throws: { Fault($0).status == 400 && Fault($0).reason == "malformed_version" }
    }

    @Test(arguments: ["volume 3.72", "volume 4.0", "volume 2.0", "volume 0.0", "volume 999999999.0"])
    func `refuses versions that there are not`(header: String) {
        #expect { try version(header) } throws: { Fault($0).status == 406 && Fault($0).reason == "unsupported_version" }
    }

    @Test(arguments: [
        (nil, "3.0"), ("volume 3.45", "3.45"), ("volume latest", "3.71"), ("volume 3.72", "3.71"), ("volume x", "3.71"),
    ])
    func `an answer is one of the version that was asked for`(header: String?, expected: String) {
        var headers: HTTPFields = [:]
        if let header { headers.set(Microversion.headerName, header) }
        #expect(Microversion(answering: headers).description == expected)
    }

    /// The largest version stands in a pattern there.
    @Test func `the description knows what is read`() throws {
        let schema = try #require(Microversion.parameter[key: "schema"])
        let checker = SchemaChecker(document: [:])
        let others = [
            "volume latest", "VOLUME\tLatest ", "volume", "volume 2.71", "volume 4.0", "volume 3.071", "3.71", "", ",",
            "a b",
            "a b c", "compute 2.1, volume 3.43", "compute 2.1, volume 3.99", "compute 2.1 volume 3.43", "a b,c d",
            "a b,c",
            "volume 3.1,", "volume 3.1, x", "volume 3.1, volume 3.99", "volume 3.99, volume 3.1", " volume 3.9 ",
            "volumes 3.99",
        ]
        for header in (0...100).map({ "volume 3.\($0)" }) + others {
            let isRead = (try? version(header)) != nil
            #expect(try checker.accepts(.string(header), schema) == isRead, "\(header)")
        }
    }
}
