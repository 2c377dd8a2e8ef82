// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Foundation
import GRDB

// How the model's types look in a column.

extension BackupStatus: DatabaseValueConvertible {}

extension VolumeStatus: DatabaseValueConvertible {}

extension ResourceID: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { text.databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> ResourceID? {
        String.fromDatabaseValue(value).flatMap { ResourceID($0) }
    }
}

extension Timestamp: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { microseconds.databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
        Int64.fromDatabaseValue(value).map { Timestamp(microseconds: $0) }
    }
}

/// A dictionary as JSON, its keys sorted so that equal ones look equal.
struct JSONColumn: DatabaseValueConvertible {
    let dictionary: [String: String]

    init(_ dictionary: [String: String]) { self.dictionary = dictionary }

    var databaseValue: DatabaseValue {
        if dictionary.isEmpty { return Self.empty.databaseValue }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Strings have no value that JSON lacks; were it otherwise, NOT NULL would refuse the row.
        guard let json = try? encoder.encode(dictionary) else { return .null }
        return String(decoding: json, as: UTF8.self).databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> JSONColumn? {
        guard let text = String.fromDatabaseValue(value) else { return nil }
        if text == empty { return JSONColumn([:]) }
        guard
            let dictionary = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        else { return nil }
        return JSONColumn(dictionary)
    }

    /// By far the most common one, and lists read it for every row.
    private static let empty = "{}"
}

/// A device number: SQLite's integers have a sign, so the bits are kept.
struct DeviceColumn: DatabaseValueConvertible {
    let number: UInt64

    init(_ number: UInt64) { self.number = number }

    var databaseValue: DatabaseValue { Int64(bitPattern: number).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> DeviceColumn? {
        Int64.fromDatabaseValue(value).map { DeviceColumn(UInt64(bitPattern: $0)) }
    }
}

/// The identity of a device as JSON.
struct IdentityColumn: DatabaseValueConvertible {
    let identity: DeviceIdentity

    init(_ identity: DeviceIdentity) { self.identity = identity }

    var databaseValue: DatabaseValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Texts and numbers have no value that JSON lacks; were it otherwise, nothing would be known of the device.
        guard let json = try? encoder.encode(identity) else { return .null }
        return String(decoding: json, as: UTF8.self).databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> IdentityColumn? {
        guard let text = String.fromDatabaseValue(value) else { return nil }
        return (try? JSONDecoder().decode(DeviceIdentity.self, from: Data(text.utf8))).map { IdentityColumn($0) }
    }
}
