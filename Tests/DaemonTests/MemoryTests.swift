// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// The daemon's memory is the limit in its configuration and a constant, whatever it works on.
    struct MemoryTests {
        private static let constantBytes = 64 << 20

        private static var settings: DaemonSettings {
            var settings = DaemonSettings()
            settings.chunkBytes = 16 << 20
            settings.memoryLimitBytes = 64 << 20
            return settings
        }

        @Test(arguments: ["zlib", "zstd"])
        func `backing up and restoring a large image`(_ algorithm: String) throws {
            var settings = Self.settings
            settings.compression = algorithm
            let daemon = try DaemonFixture(settings)
            let length = isSoak ? 4 << 30 : 512 << 20
            let volume = try daemon.register(.scattered(length, data: isSoak ? 1 << 30 : 96 << 20), name: "disk")
            let id = try daemon.backUp(volume)
            let image = try daemon.restoreToNewImage(id)
            Self.checkPeak(of: daemon)
            #expect(try areIdentical(image, daemon.imagePath("disk")))
        }

        @Test(arguments: [Compression(.none), Compression(.zlib)])
        func `restoring an object that is as long as Cinder makes them`(_ compression: Compression) throws {
            let daemon = try DaemonFixture(Self.settings)
            let length = isSoak ? 1_999_994_880 : 300_000_256
            let image = VolumeImage.scattered(length, data: length / 10)
            let path = daemon.imagePath("source")
            try image.write(to: path)
            let record = try HandmadeBackup(of: path, compression).write(to: daemon.repository)
            let answer = try daemon.request("POST", "/backups/import_record", record)
            #expect(answer.status == 201, "\(answer)")
            let backup = try #require(answer.json[key: "backup"])
            #expect(backup.integer("size_bytes") == Int64(length))
            let restored = try daemon.restoreToNewImage(DaemonFixture.id(backup))
            Self.checkPeak(of: daemon)
            #expect(try areIdentical(restored, path))
        }

        @Test(.enabled(if: isSoak, "takes long"))
        func `a volume of 256 GiB that is nearly empty`() throws {
            let daemon = try DaemonFixture(Self.settings)
            let volume = try daemon.register(.scattered(256 << 30, data: 1 << 30), name: "disk")
            _ = try daemon.backUp(volume)
            try overwrite(daemon.imagePath("disk"), at: 100 << 30, with: noiseBytes(1 << 20, seed: 3))
            let child = try daemon.backUp(volume, incremental: true)
            Self.checkPeak(of: daemon)
            let restored = try daemon.restore(child)
            #expect(restored.text("status") == "available", "\(restored.text)")
            Self.checkPeak(of: daemon)
        }

        private static func checkPeak(of daemon: DaemonFixture) {
            let peak = daemon.peakResidentBytes
            let limit = daemon.settings.memoryLimitBytes + constantBytes
            print("peak \(peak >> 20) MiB of \(limit >> 20) MiB")
            #expect(peak > 0 && peak <= limit, "peak \(peak >> 20) MiB, limit \(limit >> 20) MiB")
        }
    }
}

extension VolumeImage {
    /// `data` bytes of half-noise in eight pieces over the whole length, with holes between.
    static func scattered(_ length: Int, data: Int) -> VolumeImage {
        let piece = packable(data / 8).parts[0].bytes
        return VolumeImage(
            length: length, parts: (0..<8).map { index in ((length - piece.count) / 7 * index, piece) })
    }
}

/// A full backup in one object, as Cinder's POSIX driver makes it by default.
private struct HandmadeBackup {
    private static let blockBytes = 32 << 10
    private let image: Data
    private let compression: Compression
    private let id = ResourceID.random()
    private let volumeID = ResourceID.random()

    init(of path: String, _ compression: Compression) throws {
        image = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        self.compression = compression
    }

    /// Returns the body that imports it.
    func write(to repository: String) throws -> JSONValue {
        let container = "\(id.text.prefix(2))/\(id.text.dropFirst(2).prefix(2))/\(id)"
        let directory = repository + "/" + container
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let prefix = "volume_\(volumeID)_20240101000000_backup_\(id)"
        let names = ObjectNames(prefix: prefix)
        try packed().write(to: URL(fileURLWithPath: directory + "/" + names.data(1)))

        let metadata = BackupMetadata(
            backupID: id.text, volumeID: volumeID.text, createdAt: "2024-01-01 00:00:00+00:00")
        let md5 = try MD5Hasher()
        image.withUnsafeBytes { md5.update($0) }
        let object = StoredObject(
            name: names.data(1), offset: 0, length: Int64(image.count), compression: compression, md5: md5.finish())
        try writing(directory + "/" + names.metadata) { sink in
            try metadata.write(to: sink) { put in try put(object) }
        }
        let hasher = try SHA256Hasher()
        try writing(directory + "/" + names.sha256file) { sink in
            var list = DigestListWriter(DigestList(describing: metadata, blockBytes: Self.blockBytes), to: sink)
            try image.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: Self.blockBytes) {
                    let block = bytes[start..<min(start + Self.blockBytes, bytes.count)]
                    try list.append(contentsOf: [hasher.digest(of: UnsafeRawBufferPointer(rebasing: block))])
                }
            }
            try list.finish()
        }
        let record: JSONValue = [
            "id": JSONValue(id), "volume_id": JSONValue(volumeID), "size": .integer(Int64(image.count >> 30) + 1),
            "display_name": nil, "display_description": nil, "container": .string(container),
            "service_metadata": .string(prefix), "object_count": 1,
        ]
        let url = Data(record.utf8).base64EncodedString()
        return [
            "backup-record": [
                "backup_service": "cinder.backup.drivers.posix.PosixBackupDriver", "backup_url": .string(url),
            ]
        ]
    }

    private func packed() throws -> Data {
        guard compression.algorithm != .none else { return image }
        var room = Data(count: image.count)
        let count = try room.withUnsafeMutableBytes { room in
            try image.withUnsafeBytes { try Compressor(compression.algorithm).compress($0, into: room) }
        }
        return room.prefix(try #require(count))
    }

    private func writing(_ path: String, _ body: (@escaping PythonJSON.Sink) throws -> Void) throws {
        let file = try OpenFile(path, O_WRONLY | O_CREAT | O_APPEND)
        try body { try file.append($0) }
    }
}
