// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// What `GET /openapi.json` answers: the table of operations as OpenAPI 3.1.
enum APIDescription {
    static let json: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Cinderblock", "version": .string(cinderblockVersion),
            "summary": "Backups of block volumes, as in OpenStack Cinder's Block Storage API v3",
            "description": .string(details),
            "license": ["name": "Apache License 2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [
            ["url": "/", "description": "The same as /v3"],
            ["url": "/v3"],
            [
                "url": "/v3/{project_id}", "description": "There is one owner, and all projects are the same",
                "variables": ["project_id": ["default": "p"]],
            ],
        ],
        "security": [["token": []], ["bearer": []]],
        "paths": .object(paths.map { .init($0.template, pathItem($0.operations)) }),
        "components": components,
    ]

    private static let details = """
        Bodies are JSON objects, whatever their Content-Type says of JSON or forms. A member that is null is the same as \
        one that is left out. On a unix socket no token is needed. `x-access` says what an operation needs: `nothing`, or `read` or `full` \
        access, which the token gives, or the socket. HEAD is answered like GET, without the body. A \
        method that a path does not have is 405 with `Allow`; a path that is none is 404, or 401 without a token.
        """

    /// Each path once, in the order of the table.
    private static var paths: [(template: String, operations: [Operation])] {
        var paths: [(template: String, operations: [Operation])] = []
        for operation in Operation.all {
            if let index = paths.firstIndex(where: { $0.template == operation.pathTemplate }) {
                paths[index].operations.append(operation)
            } else {
                paths.append((operation.pathTemplate, [operation]))
            }
        }
        return paths
    }

    private static func pathItem(_ operations: [Operation]) -> JSONValue {
        .object(operations.map { .init($0.method.rawValue.lowercased(), $0.description) })
    }
}
