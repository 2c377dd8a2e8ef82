// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// The Operation Object of OpenAPI (§4.8.10), and what it holds.
extension Operation {
    var description: JSONValue {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(id)), .init("summary", .string(summary)),
            .init("tags", [.string(firstSegment.flatMap { Self.tags.contains($0) ? $0 : nil } ?? "daemon")]),
        ]
        members.append(.init("x-access", .string(access.rawValue)))
        if access == .nothing { members.append(.init("security", [])) }
        let shared = SharedParameter.all.filter { $0.concerns(self) }
        let parameters = parameters.map(\.description) + shared.map(\.reference)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body {
            members.append(
                .init("requestBody", ["required": true, "content": ["application/json": ["schema": body.json]]]))
        }
        members.append(.init("responses", .object(responses)))
        return .object(members)
    }

    private static let tags = Set(ResourceKind.allCases.map(\.collection))

    private var responses: [JSONValue.Member] {
        let failures = FailureForm.all.filter { $0.concerns(self) }
        return answers.map { .init(String($0.status), $0.description) }
            + failures.map { .init(String($0.status), ["$ref": .string("#/components/responses/\($0.name)")]) }
    }
}

/// The Parameter Object (§4.8.12).
extension Parameter {
    var description: JSONValue {
        [
            "name": .string(name), "in": .string(place.rawValue), "required": .bool(place == .path),
            "description": .string(details), "schema": schema.json,
        ]
    }
}
