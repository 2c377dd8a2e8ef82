// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes

/// Which pages in a browser may speak to the daemon. A browser sends requests for any page that its user opens, from
/// his machine and with his proxy's login, and tells in headers which page that was.
struct BrowserRules: Sendable {
    /// Names by which the daemon is reached, beside `localhost` and the connection's own address; in lower case.
    var hosts: Set<String> = []
    /// Where pages may come from, beside the daemon itself.
    var origins: Set<Origin> = []

    /// Throws `APIError.foreignOrigin` where a page from elsewhere wants to change something. Who is no browser sends
    /// none of the headers.
    func checkOrigin(of request: Request) throws(APIError) {
        guard request.method.changesSomething else { return }
        if let text = request.headers.value(of: "Origin") {
            guard let origin = Origin(text), isOwn(origin, request.authority) || origins.contains(origin) else {
                throw .foreignOrigin(text)
            }
        }
        let sites = request.headers.value(of: "Sec-Fetch-Site") ?? ""
        for site in sites.split(whereSeparator: { ", \t".contains($0) }).map({ $0.lowercased() }) {
            if site == "cross-site" || site == "same-site" { throw .foreignOrigin(site) }
        }
    }

    private func isOwn(_ origin: Origin, _ authority: String?) -> Bool {
        guard let authority = authority.flatMap({ Authority($0) }) else { return false }
        return origin.isServed(under: authority)
    }

    /// Throws `APIError.wrongHost` for a name that is not known: anybody can have a name of his own lead here, and a
    /// browser then takes the daemon for his. A client that names no host is no browser.
    func checkHost(of request: Request) throws(APIError) {
        guard let text = request.authority, !text.isEmpty else { return }
        guard let host = Authority(text)?.host,
            host == "localhost" || host == request.arrival.host || hosts.contains(host)
        else { throw .wrongHost(text) }
    }
}

extension HTTPRequest.Method {
    /// RFC 9110 §9.2.1: the others are safe.
    var changesSomething: Bool { ![.get, .head, .options, .trace].contains(self) }
}
