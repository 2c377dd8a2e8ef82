// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// The metadata of a volume by themselves, as `openstack volume set --property` and `cinder metadata` change them.
extension Operation {
    static let volumeMetadata: [Operation] = [
        Operation(
            "showVolumeMetadata", .get, .read, of: .volume, at: "/metadata", "Show the metadata of a volume",
            reads: .nothing,
            answers: whole, call: { id, _ in .volumeMetadata(id, .show) }),
        Operation(
            "addVolumeMetadata", .post, .full, of: .volume, at: "/metadata", "Add to the metadata of a volume",
            reads: .member("metadata", .metadata), answers: whole, call: { .volumeMetadata($0, .add($1)) }),
        Operation(
            "replaceVolumeMetadata", .put, .full, of: .volume, at: "/metadata", "Replace the metadata of a volume",
            reads: .member("metadata", .metadata), answers: whole, call: { .volumeMetadata($0, .replace($1)) }),
        Operation(
            "showVolumeMetadataItem", .get, .read, of: .volume, at: "/metadata", item: key,
            "Show one of a volume's metadata",
            reads: .nothing, answers: single, call: { id, key, _ in .volumeMetadata(id, .showItem(key)) }),
        Operation(
            "setVolumeMetadataItem", .put, .full, of: .volume, at: "/metadata", item: key,
            "Set one of a volume's metadata",
            reads: .member("meta", .metadataItem), answers: single, call: { .volumeMetadata($0, .setItem($1, $2)) }),
        Operation(
            "removeVolumeMetadataItem", .delete, .full, of: .volume, at: "/metadata", item: key,
            "Remove one of a volume's metadata", reads: .nothing, answers: .empty(200, "It is gone"),
            call: { id, key, _ in .volumeMetadata(id, .removeItem(key)) }),
    ]

    private static let key = Parameter(
        name: "key", place: .path, schema: MemberType<String>.text(atLeast: 1, atMost: 255).schema,
        details: "What the value stands under")

    private static let whole = AnswerForm.json(200, .answer("metadata", .strings), "All of them, as they are now")
    private static let single = AnswerForm.json(200, .answer("meta", .strings), "The key and its value")
}
