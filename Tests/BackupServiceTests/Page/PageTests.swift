// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import BackupService

struct PageTests {
    private static let chromium =
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        + "application/signed-exchange;v=b3;q=0.7"
    private static let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    private let api = BackupAPI(authentication: .token("t")) { _, links in .versions(links) }

    private func get(_ line: String = "GET /", accept: String? = firefox) throws -> Response {
        let request = try Request.sample(line)
        return api.respond(to: accept.map { request.with("Accept", $0) } ?? request)
    }

    @Test(arguments: [
        (chromium, true), (firefox, true), ("text/html", true), ("text/*", true),
        ("text/html;q=0.9, application/json;q=0.8", true), ("application/json;q=0, */*", true), (nil, false),
        ("*/*", false), ("application/json", false), ("application/json, text/html", false),
        ("text/html;q=0.5, */*", false), ("application/json, text/plain, */*", false), ("text/html;q=0", false),
        ("image/png", false), ("", false),
    ])
    func `who prefers HTML gets the page, and everybody else the versions`(accept: String?, isPage: Bool) throws {
        let response = try get(accept: accept)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == (isPage ? "text/html; charset=utf-8" : "application/json"))
        #expect(response.headers[.vary]?.hasSuffix("Accept") == true)
    }

    @Test(arguments: ["GET /v3", "GET /v3/", "GET /healthz"])
    func `elsewhere everything is JSON`(line: String) throws {
        #expect(try get(line).headers[.contentType] == "application/json")
    }

    @Test func `HEAD is answered like GET, and other methods are refused`() throws {
        #expect(try get("HEAD /").headers[.contentType] == "text/html; charset=utf-8")
        #expect(try get("POST /").status.code == 405)
    }

    @Test func `the page needs no token, and says that the rest does`() throws {
        #expect(try get().headers[.wwwAuthenticate] == "Bearer realm=\"cinderblock\"")
        let healthy = try Request.sample("GET /healthz")
        #expect(api.respond(to: healthy).headers[.wwwAuthenticate] != nil)
        #expect(api.respond(to: healthy).status.code == 200)
        #expect(api.respond(to: healthy.with("X-Auth-Token", "u")).headers[.wwwAuthenticate] != nil)
        #expect(api.respond(to: healthy.with("X-Auth-Token", "t")).headers[.wwwAuthenticate] == nil)
        #expect(api.respond(to: healthy.from(.unixSample)).headers[.wwwAuthenticate] == nil)
    }

    @Test func `nothing but the page's own script and style may run, and nobody may frame it`() throws {
        let response = try get()
        let policy = try #require(response.headers.value(of: "Content-Security-Policy"))
        let directives = policy.split(separator: "; ").map(String.init)
        let html = String(decoding: response.body, as: UTF8.self)
        for (tag, directive) in [("style", "style-src"), ("script type=\"module\"", "script-src")] {
            let text = try #require(html.content(of: tag))
            #expect(directives.contains("\(directive) 'sha256-\(try base64SHA256(text))'"), "\(policy)")
        }
        for directive in [
            "default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            #expect(directives.contains(directive))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        #expect(response.headers.value(of: "X-Content-Type-Options") == "nosniff")
        #expect(response.headers.value(of: "Referrer-Policy") == "no-referrer")
        #expect(response.headers.value(of: "X-Frame-Options") == "DENY")
    }

    @Test func `the page is one document that needs no other`() throws {
        let html = String(decoding: try Page().html, as: UTF8.self)
        #expect(html.hasPrefix("<!DOCTYPE html>"))
        for tag in ["<script", "</script>", "<style>", "</style>"] {
            #expect(html.components(separatedBy: tag).count == 2, "\(tag)")
        }
        // Addresses of others, inline handlers and styles; markup made of strings.
        for bad in [
            "src=", "href=\"http", "url(", "@import", "import(", " onclick=", " onload=", " style=", "innerHTML",
            "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage",
        ] {
            #expect(!html.contains(bad), "\(bad)")
        }
    }

    private func base64SHA256(_ text: String) throws -> String {
        let digest = try Array(text.utf8).withUnsafeBytes { try SHA256Hasher().digest(of: $0) }
        return digest.withUnsafeBytes { Data($0) }.base64EncodedString()
    }
}

extension String {
    /// What is between `<tag>` and its end.
    fileprivate func content(of tag: String) -> String? {
        let parts = components(separatedBy: "<\(tag)>")
        let name = tag.prefix { $0 != " " }
        return parts.count == 2 ? parts[1].components(separatedBy: "</\(name)>").first : nil
    }
}
