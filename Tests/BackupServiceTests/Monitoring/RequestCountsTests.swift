// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Testing

@testable import BackupService

struct RequestCountsTests {
    private func text(_ counts: RequestCounts) -> String {
        var text = ""
        for family in counts.families { family.append(to: &text) }
        return text
    }

    @Test func `requests are counted by method, route and status`() {
        let counts = RequestCounts()
        counts.count(.get, route: "/backups", status: 200, took: .zero)
        counts.count(.get, route: "/backups", status: 200, took: .zero)
        counts.count(.get, route: "/backups", status: 401, took: .zero)
        counts.countRefusal(status: 400)
        let text = text(counts)
        #expect(text.contains(#"cinderblock_http_requests_total{method="GET",route="/backups",code="200"} 2"#))
        #expect(text.contains(#"cinderblock_http_requests_total{method="GET",route="/backups",code="401"} 1"#))
        #expect(text.contains(#"cinderblock_http_requests_total{method="none",route="none",code="400"} 1"#))
    }

    @Test func `a histogram counts what took no longer`() {
        let counts = RequestCounts()
        for milliseconds in [0, 1, 2, 400, 40_000] {
            counts.count(.get, route: "/", status: 200, took: .milliseconds(milliseconds))
        }
        let text = text(counts)
        let name = "cinderblock_http_request_duration_seconds"
        for (bound, count) in [("0.001", 2), ("0.005", 3), ("0.1", 3), ("0.5", 4), ("30.0", 4), ("+Inf", 5)] {
            #expect(text.contains("\(name)_bucket{route=\"/\",le=\"\(bound)\"} \(count)\n"), "\(bound)")
        }
        #expect(text.contains("\(name)_sum{route=\"/\"} 40.403\n"))
        #expect(text.contains("\(name)_count{route=\"/\"} 5\n"))
    }

    /// Whatever clients send, there are no more labels than routes, methods and statuses.
    @Test func `clients cannot make labels`() throws {
        let counts = RequestCounts()
        let api = BackupAPI(authentication: .none, counts: counts) { _, _ in Answer(200) }
        for number in 0..<500 {
            _ = api.respond(to: try .sample("GET /backups/name\(number)"))
            _ = api.respond(to: try .sample("GET /nothing/\(number)"))
            _ = api.respond(to: try .sample("METHOD\(number) /backups"))
            _ = api.respond(to: try .sample("GET /v3/project\(number)/backups?name=\(number)"))
            _ = api.respond(to: try .sample("GET /backups/\(id(number))"))
        }
        let lines = text(counts).split(separator: "\n").filter { $0.hasPrefix("cinderblock_http_requests_total{") }
        #expect(
            Set(lines) == [
                #"cinderblock_http_requests_total{method="GET",route="none",code="404"} 1000"#,
                #"cinderblock_http_requests_total{method="other",route="/backups",code="405"} 500"#,
                #"cinderblock_http_requests_total{method="GET",route="/backups",code="200"} 500"#,
                #"cinderblock_http_requests_total{method="GET",route="/backups/{backup_id}",code="200"} 500"#,
            ])
    }

    private func id(_ number: Int) -> String {
        let digits = "\(number)"
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}
