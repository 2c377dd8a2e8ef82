// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

/// Reading the body of a request: a JSON object.
enum RequestBody {
    static func object(of request: Request) throws(APIError) -> BodyObject {
        try checkMediaType(request.headers[.contentType])
        guard !request.body.isEmpty else { throw .missingBody }
        return try BodyObject(parse(request.body), path: "")
    }

    private static func parse(_ bytes: [UInt8]) throws(APIError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch let error as JSONError {
            throw .malformedBody(error)
        } catch {
            throw .malformedBody(JSONError("\(error)", at: 0))
        }
    }

    /// `curl -d '{…}'` says that the body is a form; whether it is JSON shows when it is read.
    private static let mediaTypes: Set<String> = ["application/json", "application/x-www-form-urlencoded"]

    private static func checkMediaType(_ header: String?) throws(APIError) {
        guard let header else { return }
        let type = header.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard mediaTypes.contains(type) || type.hasSuffix("+json") else { throw .unsupportedMediaType(header) }
    }
}
