// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

extension Operation {
    /// The API. Another operation is another row.
    static let all = daemon + repository + backups + volumes + volumeMetadata + watching

    /// What `OPTIONS *` tells: every method that something here has.
    static let methods = Set(all.map(\.method.rawValue)).union(["HEAD", "OPTIONS"]).sorted()

    /// Those that are answered whatever hangs.
    static let fromMemory: Set = ["showVersions", "describeAPI", "checkHealth", "listServices"]

    private static let daemon: [Operation] = [
        Operation(
            "showVersions", .get, .nothing, "/", "Discover the versions of the API", reads: .nothing,
            answers: .like(.versions(.none), "The one version there is, or the page for browsers").or("text/html"),
            call: { .showVersions }),
        Operation(
            "describeAPI", .get, .nothing, "/openapi.json", "This document", reads: .nothing,
            answers: .json(200, Schema(["type": "object"]), "An OpenAPI document"), call: { .describeAPI }),
        Operation(
            "checkHealth", .get, .nothing, "/healthz", "Find out whether the daemon is alive",
            reads: .nothing, answers: .like(.healthy, "It is"), call: { .checkHealth }),
        Operation(
            "checkReadiness", .get, .nothing, "/readyz", "Find out whether the daemon can do its work",
            reads: .nothing, answers: .like(.ready, "It can"), call: { .checkReadiness }),
        Operation(
            "showMetrics", .get, .read, "/metrics", "Measure the daemon, in Prometheus' text format", reads: .nothing,
            answers: .text(200, "text/plain", "The metrics"), call: { .showMetrics }),
        Operation(
            "listServices", .get, .read, "/os-services", "Show the daemon as the one service it is", reads: .nothing,
            answers: .like(.services(host: ""), "The services"), call: { .listServices }),
    ]

    private static let repository: [Operation] = [
        Operation(
            "showRepository", .get, .read, "/repository",
            "Show the repository, and what it holds that the catalog does not know", reads: .nothing,
            answers: .json(200, .answer("repository", RepositoryDescription.form.schema), "The repository"),
            call: { .showRepository }),
        Operation(
            "actOnRepository", .post, .full, "/repository/action", "Accept the repository as it is, or look through it",
            reads: .repositoryAction, answers: .empty(202, "It is done, or on its way"), call: { $0 }),
    ]
}
