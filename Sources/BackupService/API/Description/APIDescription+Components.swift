// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What the operations have in common.
extension APIDescription {
    static var components: JSONValue {
        [
            "schemas": .object(schemas.map { .init($0.name, $0.schema.json) }),
            "responses": .object(FailureForm.all.map { .init($0.name, $0.description) }),
            "parameters": .object(SharedParameter.all.map { .init($0.name, $0.parameter.description) }),
            "headers": [
                "RequestID": [
                    "description": "The id of the request, which the log has too", "required": true,
                    "schema": ["type": "string", "pattern": "^req-"],
                ],
                "APIVersion": [
                    "description": "The version of the answer", "required": true,
                    "schema": ["type": "string", "pattern": #"^volume 3\.\d+$"#],
                ],
                "Location": [
                    "description": "The path of what was created", "required": true, "schema": ["type": "string"],
                ],
            ],
            "securitySchemes": [
                "token": [
                    "type": "apiKey", "in": "header", "name": "X-Auth-Token",
                    "description": "`TOKEN`, or `TOKEN:` and anything, as `cinder --os-user-id TOKEN` sends it",
                ],
                "bearer": ["type": "http", "scheme": "bearer"],
            ],
        ]
    }

    /// The headers of every answer.
    static let commonHeaders: [JSONValue.Member] = [
        .init("x-openstack-request-id", ["$ref": "#/components/headers/RequestID"]),
        .init(Microversion.headerName, ["$ref": "#/components/headers/APIVersion"]),
    ]

    private static let schemas: [(name: String, schema: Schema)] = [
        ("Backup", BackupView.form.schema), ("BackupSummary", BackupView.shortForm.schema),
        ("Progress", ProgressReport.form.schema),
        ("Volume", VolumeView.form.schema), ("VolumeSummary", VolumeView.shortForm.schema),
        ("Link", Schema(like: ["rel": "", "href": ""])),
        (
            "Fault",
            Schema(like: ["code": 400, "message": "", "reason": ""])
                .described("`message` is for people; `reason` is a stable word for programs")
        ),
    ]
}
