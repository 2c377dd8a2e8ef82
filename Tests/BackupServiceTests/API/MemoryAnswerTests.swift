// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Testing

@testable import BackupService

struct MemoryAnswerTests {
    @Test(arguments: [
        ("/", true), ("/v3/", true), ("/healthz", true), ("/v3/healthz", true), ("/openapi.json", true),
        ("/os-services", true), ("/nothing", true), ("/readyz", false), ("/metrics", false), ("/backups", false),
        ("/v3/p/volumes/detail", false), ("/volumes/\(volumeID)", false), ("/events", false),
    ])
    func `only what asks no disk is answered from memory`(_ path: String, _ expected: Bool) throws {
        let api = BackupAPI(authentication: .none) { _, _ in Answer(200) }
        #expect(try api.isAnsweredFromMemory(.sample("GET \(path)")) == expected)
    }
}
