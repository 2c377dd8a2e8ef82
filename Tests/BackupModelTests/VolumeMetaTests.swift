// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

struct VolumeMetaTests {
    private func volume(_ name: String?) throws -> VolumeRecord {
        let id = try #require(ResourceID("aaaaaaaa-0000-4000-8000-000000000001"))
        var volume = VolumeRecord(
            id: id, source: "/dev/x", sizeBytes: 1, isOwned: false, createdAt: Timestamp(microseconds: 0))
        volume.name = name
        volume.details = "old"
        volume.userMetadata = ["k": "old"]
        return volume
    }

    private func applied(_ text: String, to name: String?) throws -> VolumeRecord {
        var volume = try volume(name)
        try VolumeMeta(parsing: text).apply(to: &volume)
        return volume
    }

    @Test(arguments: [
        (nil, "saved"), ("", "saved"), ("restore_backup_1", "saved"), ("mine", "mine"),
        ("my restore_backup_", "my restore_backup_"),
    ])
    func `the name is taken only where the target has none of its own`(_ target: String?, expected: String) throws {
        let text = #"{"version": 2, "volume-base-metadata": {"display_name": "saved", "display_description": "d"}}"#
        let volume = try applied(text, to: target)
        #expect(volume.name == expected)
        #expect(volume.details == (expected == "saved" ? "d" : "old"))
    }

    @Test(arguments: [#""""#, "null"])
    func `an empty name is not taken`(_ name: String) throws {
        let text = #"{"version": 2, "volume-base-metadata": {"display_name": \#(name), "display_description": "d"}}"#
        #expect(try applied(text, to: nil) == volume(nil))
    }

    @Test func `user metadata replace those of the target, and are kept where nothing was saved`() throws {
        #expect(
            try applied(#"{"version": 1, "volume-metadata": {"a": "b", "n": 1}}"#, to: "x").userMetadata == [
                "a": "b", "n": "1",
            ])
        #expect(try applied(#"{"version": 1}"#, to: "x").userMetadata == ["k": "old"])
    }

    @Test func `image metadata make the target bootable`() throws {
        let volume = try applied(#"{"version": 2, "volume-glance-metadata": {"image": "i"}}"#, to: "x")
        #expect(volume.isBootable && volume.imageMetadata == ["image": "i"])
        #expect(try !applied(#"{"version": 2}"#, to: "x").isBootable)
    }

    @Test func `the key is of version 2 only`() throws {
        for (version, key) in [(1, nil), (2, "k1")] {
            let text = #"{"version": \#(version), "volume-base-metadata": {"encryption_key_id": "k1"}}"#
            #expect(try applied(text, to: "x").encryptionKeyID == key)
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{", "{}", #"{"version": 3}"#, #"{"version": 0}"#, #"{"version": "2"}"#,
        #"{"version": null}"#,
        #"{"version": 2.5}"#, #"{"version": 2, "volume-metadata": []}"#, #"{"version": 2, "volume-metadata": "x"}"#,
        #"{"version": 2, "volume-metadata": {"a": []}}"#, #"{"version": 2, "volume-glance-metadata": {"a": {}}}"#,
        #"{"version": 2, "volume-base-metadata": {"display_name": 1}}"#,
    ])
    func `refuses what it does not know`(_ text: String) {
        #expect(throws: FormatError.self) { try VolumeMeta(parsing: text) }
    }

    @Test func `what we save, we read`() throws {
        var volume = try volume("n\u{e9}\u{1f600}")
        volume.imageMetadata = ["image": "i"]
        volume.encryptionKeyID = "key"
        let meta = try VolumeMeta(parsing: VolumeMeta.text(describing: volume))
        #expect(meta.version == 2 && meta.name == volume.name && meta.details == "old")
        #expect(meta.userMetadata == volume.userMetadata && meta.imageMetadata == volume.imageMetadata)
        #expect(meta.encryptionKeyID == "key")
    }
}
