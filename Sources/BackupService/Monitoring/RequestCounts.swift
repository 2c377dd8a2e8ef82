// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Synchronization

/// How many requests were answered since the daemon began, how, and how fast.
///
/// What can be a label is bounded: known methods, templates of paths, statuses that are really used.
package final class RequestCounts: Sendable {
    struct Name: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    struct Durations {
        /// How many took no longer than each of `bounds`, and longer than the one before; the last: longer than all.
        var counts = [Int](repeating: 0, count: RequestCounts.bounds.count + 1)
        var sum = 0.0
    }

    private struct State {
        var requests: [Name: Int] = [:]
        var durations: [String: Durations] = [:]
    }

    /// Seconds.
    static let bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]
    /// The route of what no route was found for.
    static let noRoute = "none"
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private let state = Mutex(State())

    package init() {}

    func count(_ method: HTTPRequest.Method, route: String?, status: Int, took duration: Duration) {
        let method = Self.methods.contains(method) ? method.rawValue : "other"
        let route = route ?? Self.noRoute
        let seconds = duration / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.requests[Name(method: method, route: route, status: status), default: 0] += 1
            state.durations[route, default: Durations()].counts[bucket] += 1
            state.durations[route, default: Durations()].sum += seconds
        }
    }

    /// What the HTTP server has refused to read: nobody knows what it was to be.
    func countRefusal(status: Int) {
        let name = Name(method: "none", route: Self.noRoute, status: status)
        state.withLock { $0.requests[name, default: 0] += 1 }
    }

    var families: [MetricFamily] {
        let (requests, durations) = state.withLock { ($0.requests, $0.durations) }
        var counts = MetricFamily(
            .counter, "cinderblock_http_requests_total",
            "Requests answered, by method, template of the path, and status.")
        for (name, count) in requests.sorted(by: { $0.key < $1.key }) {
            counts.add(
                [.init("method", name.method), .init("route", name.route), .init("code", "\(name.status)")], count)
        }
        var seconds = MetricFamily(
            .histogram, "cinderblock_http_request_duration_seconds", "Time from a request to its answer.")
        for (route, durations) in durations.sorted(by: { $0.key < $1.key }) { seconds.add(durations, route: route) }
        return [counts, seconds]
    }
}

extension RequestCounts.Name: Comparable {
    static func < (a: Self, b: Self) -> Bool { (a.route, a.method, a.status) < (b.route, b.method, b.status) }
}

extension MetricFamily {
    fileprivate mutating func add(_ durations: RequestCounts.Durations, route: String) {
        let label = Label("route", route)
        var count = 0
        for (bound, more) in zip(RequestCounts.bounds + [.infinity], durations.counts) {
            count += more
            let text = bound == .infinity ? "+Inf" : "\(bound)"
            samples.append(Sample(suffix: "_bucket", labels: [label, Label("le", text)], value: Double(count)))
        }
        samples.append(Sample(suffix: "_sum", labels: [label], value: durations.sum))
        samples.append(Sample(suffix: "_count", labels: [label], value: Double(count)))
    }
}
