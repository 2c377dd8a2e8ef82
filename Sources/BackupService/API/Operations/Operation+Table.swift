// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

extension Operation {
    /// The API. Another operation is another row.
    static let all = daemon + backups + volumes

    private static let daemon: [Operation] = [
        Operation(
            "showVersions", .get, "/", "Version discovery", isPublic: true, reads: .nothing,
            answers: .json(200, .named("Versions"), "The one version there is"), call: { .showVersions }),
        Operation(
            "checkHealth", .get, "/healthz", "Whether the catalog can be read", isPublic: true, reads: .nothing,
            answers: .json(200, .named("Health"), "It can"), call: { .checkHealth }),
        Operation(
            "listServices", .get, "/os-services", "The daemon as the one service it is", reads: .nothing,
            answers: .json(200, .named("Services"), "The services"), call: { .listServices }),
    ]
}
