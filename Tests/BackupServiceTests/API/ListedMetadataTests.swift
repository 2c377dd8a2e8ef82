// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import TestSupport
import Testing

@testable import BackupService

/// Lists of rows with long metadata, which are read one at a time.
struct ListedMetadataTests {
    private let fixture: FeedFixture
    private let long = Dictionary(uniqueKeysWithValues: (0..<100).map { ("key \($0)", "välue \($0)") })

    init() throws { fixture = try FeedFixture() }

    private func get(_ path: String) throws -> JSONValue {
        let response = try fixture.client().request("GET", path)
        #expect(response.status == 200)
        return try JSONValue(parsing: response.body)
    }

    @Test func `details of backups have their metadata, short and long`() throws {
        let ids = try (0..<3).map { _ in try fixture.addFinishedBackup() }
        _ = try fixture.catalog.updateBackup(ids[1]) { $0.userMetadata = long }
        _ = try fixture.catalog.updateBackup(ids[2]) { $0.userMetadata = ["k": "v"] }
        let listed = try get("/backups/detail?sort=created_at:asc").list("backups")
        #expect(listed.count == 3)
        for backup in listed { #expect(try get("/backups/\(backup.text("id") ?? "")")[key: "backup"] == backup) }
        let expected = [JSONValue([:]), JSONValue(long), ["k": "v"]]
        for metadata in expected { #expect(listed.count { $0[key: "metadata"] == metadata } == 1) }
        #expect(try fixture.service.backups(BackupQuery()).count { $0.isCut } == 1)
    }

    @Test func `so have details of volumes, and of their image`() throws {
        let volumes = try (0..<3).map { _ in try fixture.addVolume() }
        _ = try fixture.catalog.updateVolume(volumes[1].id) { $0.userMetadata = long }
        _ = try fixture.catalog.updateVolume(volumes[2].id) { $0.imageMetadata = long }
        let listed = try get("/volumes/detail").list("volumes")
        #expect(listed.count == 3)
        for volume in listed { #expect(try get("/volumes/\(volume.text("id") ?? "")")[key: "volume"] == volume) }
        #expect(listed.count { $0[key: "metadata"] == JSONValue(long) } == 1)
        #expect(listed.count { $0[key: "volume_image_metadata"] == JSONValue(long) } == 1)
    }

    @Test func `a volume that goes while it is listed is shown as it was`() throws {
        let volume = try fixture.addVolume()
        _ = try fixture.catalog.updateVolume(volume.id) { $0.userMetadata = long }
        let listed = try #require(try fixture.service.volumes(VolumeQuery()).first)
        _ = try fixture.catalog.removeVolume(volume.id)
        let whole = try fixture.service.whole(listed)
        #expect(whole.record.id == volume.id)
        #expect(whole.record.userMetadata == [:])
    }
}

extension JSONValue {
    fileprivate func list(_ key: String) -> [JSONValue] {
        guard case .array(let elements)? = self[key: key] else { return [] }
        return elements
    }
}
