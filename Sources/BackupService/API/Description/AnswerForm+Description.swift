// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The Response Object of OpenAPI (§4.8.17).
extension AnswerForm {
    var description: JSONValue {
        var headers = APIDescription.commonHeaders
        if created != nil { headers.append(.init("Location", ["$ref": "#/components/headers/Location"])) }
        var members: [JSONValue.Member] = [
            .init("description", .string(details)), .init("headers", .object(headers)),
        ]
        if !contents.isEmpty {
            members.append(.init("content", .object(contents.map { .init($0.mediaType, ["schema": $0.schema.json]) })))
        }
        if let created { members.append(.init("links", .object(Self.links(to: created)))) }
        return .object(members)
    }

    /// What can be done next with what was created (§4.8.20).
    private static func links(to kind: ResourceKind) -> [JSONValue.Member] {
        let operations = Operation.all.filter { operation in
            if case .resource(kind, _, _) = operation.target { true } else { false }
        }
        return operations.map { operation in
            let id: JSONValue = .string("$response.body#/\(kind.member)/id")
            return .init(
                operation.id,
                ["operationId": .string(operation.id), "parameters": .object([.init(kind.parameter.name, id)])])
        }
    }
}
