// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension BackupRequest {
    /// `{"volume_id": V, …}`.
    static let form = ObjectForm(
        BackupRequest(volumeID: .zero),
        [
            .unsupported("snapshot_id"),
            .required("volume_id", \.volumeID, .id, "The volume to back up"),
            .optional(
                "incremental", \.isIncremental, .flag,
                "Store only what has changed since the newest available backup of the volume"),
            .optional("force", \.force, .flag, "Back up a volume that is in use"),
            .optional("name", \.name, .trimmed, "What the backup is called"),
            .optional("description", \.details, .trimmed, "What describes it"),
            .optional(
                "container", \.container, .container,
                "Where its objects go: a relative path inside the repository. Without one the daemon chooses"),
            .optional("metadata", \.userMetadata, .metadata, "What describes it, for programs"),
            .optional("availability_zone", \.availabilityZone, .text, "Recorded and shown"),
        ])
}

extension VolumeRequest {
    /// Members that clients send beside the envelope.
    static let hints = ["OS-SCH-HNT:scheduler_hints", "scheduler_hints"]

    /// Cinder's largest integer. In GiB, its bytes still fit 64 bits.
    private static let largestSize = Int(Int32.max)

    /// What clients send with every new volume, and what only makes sense with other stores of volumes.
    private static let unsupported = [
        "snapshot_id", "imageRef", "image_id", "source_volid", "source_replica", "consistencygroup_id", "group_id",
        "multiattach", "scheduler_hints", "bootable",
    ]

    /// `{"size": GiB, …}`.
    static let form = ObjectForm(
        VolumeRequest(sizeGiB: 0),
        unsupported.map { .unsupported($0) } + [
            .required("size", \.sizeGiB, .integer(in: 1...largestSize), "In GiB"),
            .optional("backup_id", \.backupID, .id, "A backup to restore into it"),
        ] + VolumeTraits.fields.map { $0.lifted(to: \.traits) })
}

extension ManageRequest {
    /// `{"ref": {"source-name": PATH}, …}`.
    static let form = ObjectForm(
        ManageRequest(source: ""),
        [
            .unsupported("bootable"), .unsupported("cluster"),
            .required("ref", \.source, .object(reference), "The device or file"),
            .optional("id", \.id, .id, "The id that the volume had elsewhere, so that its chain goes on here"),
        ] + VolumeTraits.fields.map { $0.lifted(to: \.traits) })

    private static let reference = ObjectForm(
        "",
        [
            .required(
                "source-name", \.self, .path,
                "An absolute path under `volumes.directory` or one of `volumes.allowed_paths`")
        ])
}

extension VolumeTraits {
    fileprivate static let fields: [Field<VolumeTraits>] = [
        .optional("name", \.name, .trimmed, "What the volume is called"),
        .optional("description", \.details, .trimmed, "What describes it"),
        .optional("metadata", \.userMetadata, .metadata, "What describes it, for programs; saved with every backup"),
        .optional("host", \.host, .text, "Recorded and shown"),
        .optional("volume_type", \.volumeType, .text, "Recorded and shown"),
        .optional("availability_zone", \.availabilityZone, .text, "Recorded and shown"),
    ]
}

extension RestoreRequest {
    /// `{"volume_id": V, "name": N}`.
    static let form = ObjectForm(
        RestoreRequest(),
        [
            .optional("volume_id", \.volumeID, .id, "The volume to restore to; a new one where nothing is said"),
            .optional("name", \.name, .trimmed, "What a new volume is called"),
        ])
}

extension DescriptionChange {
    /// `{"name": N, "description": D, "metadata": {…}}` of a volume.
    static let form = ObjectForm(DescriptionChange(), needsOne: true, fields)

    fileprivate static let fields: [Field<DescriptionChange>] = [
        .optional("name", \.name, .trimmed, "What it is to be called"),
        .optional("description", \.details, .trimmed, "What describes it"),
        .optional("metadata", \.userMetadata, .metadata, "What describes it, for programs; replaces what was there"),
    ]
}

extension BackupChange {
    /// The same of a backup, and `{"protected": true}`.
    static let form = ObjectForm(
        BackupChange(), needsOne: true,
        DescriptionChange.fields.map { $0.lifted(to: \.description) } + [
            .optional(
                "protected", \.isProtected, .flag,
                "Whether it is to be kept: while it is `available`, nobody deletes it")
        ])
}

extension ExportedRecord {
    /// `{"backup_service": S, "backup_url": BASE64}`.
    static let form = ObjectForm(
        ExportedRecord(service: "", url: ""),
        [
            .required(
                "backup_service", \.service, .text(atLeast: 1, atMost: 255), "The class of Cinder's that can read it"),
            // The server has bounded the body already.
            .required("backup_url", \.url, .text(atLeast: 1, atMost: nil), "Base64 of a JSON object"),
        ])
}
