// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import ObjectStorage

extension BackupRequest {
    /// `{"backup": {"volume_id": V, …}}`. Throws `APIError`, and `StorageError` for a container that no store may have.
    init(_ request: Request) throws {
        var backup = try RequestBody.envelope("backup", of: request)
        try backup.mustBeEmpty(["snapshot_id"])
        guard let volumeID = try backup.id("volume_id") else {
            throw APIError.missingMember(backup.full("volume_id"))
        }
        self.init(volumeID: volumeID)
        isIncremental = try backup.flag("incremental")
        force = try backup.flag("force")
        name = try backup.trimmed("name")
        details = try backup.trimmed("description")
        container = try backup.string("container")
        if let container { _ = try ContainerPath(container) }
        userMetadata = try backup.metadata("metadata") ?? [:]
        availabilityZone = try backup.string("availability_zone")
        try backup.finish()
    }
}

extension VolumeRequest {
    /// Cinder's largest integer. In GiB, its bytes still fit 64 bits.
    private static let largestSize = Int(Int32.max)

    /// What clients send with every new volume, and what only makes sense with other stores of volumes.
    private static let unsupported = [
        "snapshot_id", "imageRef", "image_id", "source_volid", "source_replica", "consistencygroup_id", "group_id",
        "multiattach", "scheduler_hints", "bootable",
    ]

    /// `{"volume": {"size": GiB, …}}`.
    init(_ request: Request) throws(APIError) {
        let hints = ["OS-SCH-HNT:scheduler_hints", "scheduler_hints"]
        var volume = try RequestBody.envelope("volume", of: request, besides: hints)
        try volume.mustBeEmpty(Self.unsupported)
        guard let size = try volume.integer("size", in: 1...Self.largestSize) else {
            throw .missingMember(volume.full("size"))
        }
        self.init(sizeGiB: size)
        backupID = try volume.id("backup_id")
        traits = try VolumeTraits(takenFrom: &volume)
        try volume.finish()
    }
}

extension ManageRequest {
    /// `{"volume": {"ref": {"source-name": PATH}, …}}`.
    init(_ request: Request) throws(APIError) {
        var volume = try RequestBody.envelope("volume", of: request)
        try volume.mustBeEmpty(["bootable", "cluster"])
        guard var ref = try volume.object("ref") else { throw .missingMember(volume.full("ref")) }
        // PATH_MAX counts the NUL at the end.
        guard let source = try ref.string("source-name", limit: 4095) else {
            throw .missingMember(ref.full("source-name"))
        }
        guard source.hasPrefix("/"), source.utf8.count <= 4095 else {
            throw .badMember(ref.full("source-name"), reason: "must be an absolute path of at most 4095 bytes")
        }
        try ref.finish()
        self.init(source: source)
        id = try volume.id("id")
        traits = try VolumeTraits(takenFrom: &volume)
        try volume.finish()
    }
}

extension VolumeTraits {
    fileprivate init(takenFrom volume: inout BodyObject) throws(APIError) {
        self.init()
        name = try volume.trimmed("name")
        details = try volume.trimmed("description")
        userMetadata = try volume.metadata("metadata") ?? [:]
        host = try volume.string("host")
        volumeType = try volume.string("volume_type")
        availabilityZone = try volume.string("availability_zone")
    }
}

extension RestoreRequest {
    /// `{"restore": {"volume_id": V, "name": N}}`; `{"restore": null}` restores to a new volume.
    init(_ request: Request) throws(APIError) {
        self.init()
        var body = try RequestBody.object(of: request)
        guard let value = body.take("restore") else { throw .missingMember("restore") }
        try body.finish()
        if value == .null { return }
        var restore = try BodyObject(value, path: "restore")
        volumeID = try restore.id("volume_id")
        name = try restore.trimmed("name")
        try restore.finish()
    }
}

extension DescriptionChange {
    /// `{"backup": {"name": N, "description": D, "metadata": {…}}}`, or the same of a volume. A null changes nothing.
    init(_ request: Request, envelope: String) throws(APIError) {
        self.init()
        var object = try RequestBody.envelope(envelope, of: request)
        name = try object.trimmed("name")
        details = try object.trimmed("description")
        userMetadata = try object.metadata("metadata")
        try object.finish()
        if self == DescriptionChange() { throw .nothingToChange }
    }
}

extension ExportedRecord {
    /// `{"backup-record": {"backup_service": S, "backup_url": BASE64}}`.
    init(_ request: Request) throws(APIError) {
        var record = try RequestBody.envelope("backup-record", of: request)
        let service = try Self.text("backup_service", of: &record, limit: 255)
        // The server has bounded the body already.
        let url = try Self.text("backup_url", of: &record, limit: .max)
        try record.finish()
        self.init(service: service, url: url)
    }

    private static func text(_ key: String, of record: inout BodyObject, limit: Int) throws(APIError) -> String {
        guard let text = try record.string(key, limit: limit) else { throw .missingMember(record.full(key)) }
        guard !text.isEmpty else { throw .badMember(record.full(key), reason: "is empty") }
        return text
    }
}
