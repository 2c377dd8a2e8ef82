// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Foundation
import HTTPServer
import HTTPTypes

/// The page for a browser at `/`: one document with its style and script inside, made of the files under `web/`, which
/// are part of the binary. It holds nothing that needs a token; what it shows it gets from the API.
struct Page: Sendable {
    let html: [UInt8]
    /// Allows this script and this style and nothing else, and requests to the daemon only.
    let contentSecurityPolicy: String

    /// In this order: what is at the top level of one is used by those after it.
    private static let scripts = [
        PackageResources.words_js, PackageResources.api_js, PackageResources.events_js, PackageResources.model_js,
        PackageResources.elements_js, PackageResources.messages_js, PackageResources.dialogs_js,
        PackageResources.throughput_js, PackageResources.jobs_js, PackageResources.problems_js,
        PackageResources.backups_js, PackageResources.volumes_js, PackageResources.asking_js,
        PackageResources.hearing_js, PackageResources.main_js,
    ]

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    init() throws {
        let style = String(decoding: PackageResources.page_css, as: UTF8.self)
        let script = Self.scripts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        let document = String(decoding: PackageResources.page_html, as: UTF8.self)
            .replacing("<style></style>", with: "<style>\(style)</style>")
            .replacing("<script type=\"module\"></script>", with: "<script type=\"module\">\(script)</script>")
        html = Array(document.utf8)
        contentSecurityPolicy = [
            "default-src 'none'", "script-src '\(try Self.source(script))'", "style-src '\(try Self.source(style))'",
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// What is between the tags, as Content Security Policy Level 3 (§2.3.1) names it by its digest.
    private static func source(_ text: String) throws -> String {
        let digest = try Array(text.utf8).withUnsafeBytes { try SHA256Hasher().digest(of: $0) }
        return "sha256-\(digest.withUnsafeBytes { Data($0) }.base64EncodedString())"
    }
}

extension Page {
    /// Made once, when somebody asks for it.
    private static let made = Result { try Page() }

    /// A browser prefers HTML. Who takes anything, or does not say, wants the versions.
    static func isWanted(by request: Request) -> Bool {
        guard request.path == "/", [.get, .head].contains(request.method) else { return false }
        let accepted = AcceptedTypes(request.headers[.accept])
        return accepted.quality(of: "text/html") > accepted.quality(of: "application/json")
    }

    static func response() throws -> Response {
        let page = try made.get()
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"]
        headers.set("Content-Security-Policy", page.contentSecurityPolicy)
        headers.set("X-Content-Type-Options", "nosniff")
        headers.set("X-Frame-Options", "DENY")
        headers.set("Referrer-Policy", "no-referrer")
        headers.set("Cross-Origin-Opener-Policy", "same-origin")
        return Response(status: .ok, headers: headers, body: page.html)
    }
}
