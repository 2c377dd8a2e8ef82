// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Codecs
import HTTPServer
import HTTPTypes

/// The name that a client gives a POST, so that it can send it again (draft-ietf-httpapi-idempotency-key-header-07).
/// The draft's quotes, where a client sends them, are part of it.
struct IdempotencyKey: Sendable, Hashable {
    static let headerName = "Idempotency-Key"

    let text: String

    /// nil without the header. Throws `APIError.malformedKey` unless it is 1 to 255 visible ASCII characters.
    init?(_ headers: HTTPFields) throws(APIError) {
        guard let text = headers.value(of: Self.headerName) else { return nil }
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformedKey
        }
        self.text = text
    }

    static let parameter = Parameter(
        name: headerName, place: .header, schema: .text(like: "^[!-~]{1,255}$"),
        details: "The request may be sent again under this key for 24 hours: the work is done once")

    /// What a request under this key leaves in the catalog: it stands for the method, the target and the body.
    func receipt(for request: Request, of principal: Principal) throws -> Receipt {
        let head = "\(request.method.rawValue) \(request.target)\n"
        let digest = try (Array(head.utf8) + request.body).withUnsafeBytes { try SHA256Hasher().digest(of: $0) }
        return Receipt(owner: principal.owner, key: text, request: digest.hex)
    }
}
