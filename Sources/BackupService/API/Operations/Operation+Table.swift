// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

extension Operation {
    /// The API. Another operation is another row.
    static let all = daemon + backups + volumes + watching

    private static let daemon: [Operation] = [
        Operation(
            "showVersions", .get, "/", "Discover the versions of the API", isPublic: true, reads: .nothing,
            answers: .like(.versions(.none), "The one version there is"), call: { .showVersions }),
        Operation(
            "describeAPI", .get, "/openapi.json", "This document", isPublic: true, reads: .nothing,
            answers: .json(200, Schema(["type": "object"]), "An OpenAPI document"), call: { .describeAPI }),
        Operation(
            "checkHealth", .get, "/healthz", "Find out whether the catalog can be read", isPublic: true,
            reads: .nothing, answers: .like(.healthy, "It can"), call: { .checkHealth }),
        Operation(
            "listServices", .get, "/os-services", "Show the daemon as the one service it is", reads: .nothing,
            answers: .like(.services(host: ""), "The services"), call: { .listServices }),
    ]
}
