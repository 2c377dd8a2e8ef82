// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Testing

@testable import BackupService

/// What is said to a request before its body is read.
struct AdmissionTests {
    private let api = BackupAPI(authentication: .token("t")) { _, _ in
        Issue.record("performed")
        return Answer(200)
    }

    private func status(_ request: Request) -> Int? {
        switch api.admission(of: request) {
        case .known: 200
        case .anyone: nil
        case .refused(let response): response.status.code
        }
    }

    @Test(arguments: [
        "POST /backups", "GET /volumes", "DELETE /backups/\(backupID)", "GET /nothing", "POST /*", "GET /metrics",
    ])
    func `without the token the answer is there before the body`(line: String) throws {
        for headers: HTTPFields in [[:], [.contentLength: "5"], [.transferEncoding: "chunked"]] {
            guard case .refused(let response) = api.admission(of: try .sample(line, headers: headers)) else {
                Issue.record("not refused: \(headers)")
                continue
            }
            #expect(response.status.code == 401 && response.reason == "unauthorized")
            #expect(response.headers[.wwwAuthenticate] == Authentication.challenge)
        }
    }

    @Test func `with it, and on a unix socket, everybody is known`() throws {
        #expect(status(try .sample("POST /backups").with("X-Auth-Token", "t")) == 200)
        #expect(status(try .sample("GET /nothing").with("Authorization", "Bearer t")) == 200)
        #expect(status(try .sample("POST /backups").from(.unixSample)) == 200)
        #expect(status(try .sample("GET /healthz").with("X-Auth-Token", "t")) == 200)
        #expect(status(try .sample("POST /backups").with("X-Auth-Token", "tt")) == 401)
    }

    @Test(arguments: ["GET /", "GET /healthz", "HEAD /readyz", "GET /openapi.json", "GET /v3/", "OPTIONS *"])
    func `what anybody may ask makes nobody known, and takes no body`(line: String) throws {
        #expect(status(try .sample(line)) == nil)
        #expect(status(try .sample(line, headers: [.contentLength: "0"])) == nil)
        #expect(status(try .sample(line, headers: [.contentLength: "1"])) == 401)
        #expect(status(try .sample(line, headers: [.contentLength: "99999999999999999999"])) == 401)
        #expect(status(try .sample(line, headers: [.transferEncoding: "chunked"])) == 401)
    }
}
