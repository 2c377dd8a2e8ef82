// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

extension Operation {
    static let volumes: [Operation] = [
        Operation(
            "listVolumes", .get, .read, "/volumes", "List the volumes: ids and names",
            reads: .volumes(withDetails: false),
            answers: .json(200, .page(of: "volumes", .named("VolumeSummary")), "A page of the list"),
            call: { .listVolumes($0) }),
        Operation(
            "listVolumeDetails", .get, .read, "/volumes/detail", "List the volumes with all that is known of them",
            reads: .volumes(withDetails: true),
            answers: .json(200, .page(of: "volumes", .named("Volume")), "A page of the list"),
            call: { .listVolumes($0) }),
        Operation(
            "createVolume", .post, .full, "/volumes", "Create an image file, empty or out of a backup",
            reads: .envelope("volume", VolumeRequest.form, besides: VolumeRequest.hints),
            answers: .created(202, .volume, "The volume"), call: { .createVolume($0) }),
        registration("registerVolume", "/manageable_volumes"),
        registration("manageVolume", "/os-volume-manage"),
        Operation(
            "showVolume", .get, .read, of: .volume, "Show a volume", reads: .wait,
            answers: .json(200, ResourceKind.volume.answer, "The volume"),
            call: { id, wait in wait.map { .watch(.volumeChange(id, within: $0)) } ?? .showVolume(id) }),
        Operation(
            "changeVolume", .put, .full, of: .volume, "Change what describes a volume",
            reads: .envelope("volume", DescriptionChange.form),
            answers: .json(200, ResourceKind.volume.answer, "The volume as it is now"),
            call: { .changeVolume($0, $1) }),
        Operation(
            "deleteVolume", .delete, .full, of: .volume, "Delete a volume that the daemon created, with its file",
            // There are no snapshots to cascade to, and nothing needs force.
            reads: .ignoring([.ignoredFlag("cascade"), .ignoredFlag("force")]),
            answers: .empty(202, "The volume and its file are gone"), call: { id, _ in .deleteVolume(id) }),
        Operation(
            "actOnVolume", .post, .full, of: .volume, at: "/action", "Forget a volume, or make one available again",
            reads: .volumeAction, answers: .empty(202, "It is done"), call: { $1($0) }),
    ]

    /// Cinder has two paths for it, and the clients use both.
    private static func registration(_ id: String, _ path: String) -> Operation {
        Operation(
            id, .post, .full, path, "Register a block device or image file that exists",
            reads: .envelope("volume", ManageRequest.form), answers: .created(202, .volume, "The volume"),
            call: { .registerVolume($0) })
    }
}
