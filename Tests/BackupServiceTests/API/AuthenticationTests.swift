// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

@testable import BackupService

struct AuthenticationTests {
    private let token = "b7f3c0ffee"

    private func isAdmitted(_ request: Request, by authentication: Authentication) -> Bool {
        authentication.identity(of: request) != .stranger
    }

    @Test(arguments: [
        ("X-Auth-Token", "b7f3c0ffee", true), ("x-auth-token", "b7f3c0ffee:p", true),
        ("X-Auth-Token", "b7f3c0ffee:", true),
        ("Authorization", "Bearer b7f3c0ffee", true), ("authorization", "bearer  b7f3c0ffee", true),
        ("X-Auth-Token", "", false), ("X-Auth-Token", "b7f3c0ffe", false), ("X-Auth-Token", "b7f3c0ffeef", false),
        ("X-Auth-Token", "b7f3c0ffef", false), ("X-Auth-Token", "B7F3C0FFEE", false),
        ("X-Auth-Token", ":b7f3c0ffee", false),
        ("X-Auth-Token", "u:b7f3c0ffee", false), ("X-Auth-Token", "notused", false),
        ("X-Auth-Token", "Bearer b7f3c0ffee", false),
        ("Authorization", "b7f3c0ffee", false), ("Authorization", "Basic b7f3c0ffee", false),
        ("Authorization", "Bearer b7f3c0ffee x", false), ("Authorization", "Bearer", false),
    ])
    func `on TCP the token is needed`(header: String, value: String, expected: Bool) throws {
        let request = try Request.sample("GET /backups").with(header, value)
        #expect(isAdmitted(request, by: .token(token)) == expected, "\(header): \(value)")
    }

    @Test func `without any header nobody is admitted`() throws {
        #expect(try !isAdmitted(.sample("GET /backups"), by: .token(token)))
    }

    @Test func `an empty token admits nobody`() throws {
        #expect(try !isAdmitted(.sample("GET /backups").with("X-Auth-Token", ""), by: .token("")))
        #expect(try !isAdmitted(.sample("GET /backups").with("X-Auth-Token", ":"), by: .token("")))
    }

    @Test func `one of two credentials suffices`() throws {
        let request = try Request.sample("GET /backups").with("X-Auth-Token", "notused")
        #expect(isAdmitted(request.with("Authorization", "Bearer \(token)"), by: .token(token)))
    }

    @Test func `a unix socket has decided already`() throws {
        #expect(try isAdmitted(.sample("GET /backups").from(.unixSample), by: .token(token)))
    }

    @Test func `authentication can be turned off`() throws {
        #expect(try isAdmitted(.sample("GET /backups"), by: .none))
    }
}
