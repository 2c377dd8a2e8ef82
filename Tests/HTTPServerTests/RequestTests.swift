// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Testing

@testable import HTTPServer

struct RequestTests {
    @Test(arguments: [
        ("/a", "/a", []),
        ("/a?", "/a", []),
        ("/a?x=1&y=2", "/a", [("x", "1"), ("y", "2")]),
        ("/a%2Fb?x=%41+b%2B&x=2", "/a%2Fb", [("x", "A b+"), ("x", "2")]),
        ("/a?flag&&=v&x=a=b", "/a", [("flag", ""), ("", "v"), ("x", "a=b")]),
        ("/a?x=%&y=%4&z=%zz&u=%C3%A9", "/a", [("x", "%"), ("y", "%4"), ("z", "%zz"), ("u", "\u{e9}")]),
        ("/a?x=%FF?", "/a", [("x", "\u{FFFD}?")]),
    ])
    func `takes a target apart`(_ target: String, path: String, query: [(String, String)]) {
        let request = Request(method: .get, target: target, peer: .tcp(address: "test"))
        #expect(request.path == path)
        #expect(request.query == query.map { QueryItem(name: $0.0, value: $0.1) })
    }

    @Test func `every request has an id of its own`() {
        let ids = (0..<1000).map { _ in RequestID.random() }
        #expect(Set(ids).count == ids.count)
        for id in ids {
            let groups = id.dropFirst(4).split(separator: "-")
            #expect(id.hasPrefix("req-") && groups.map(\.count) == [8, 4, 4, 4, 12])
            #expect(groups[2].hasPrefix("4") && "89ab".contains(groups[3].prefix(1)))
        }
    }
}
