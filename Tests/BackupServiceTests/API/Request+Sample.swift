// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes
import Posix
import Testing

@testable import BackupService

let backupID = "1f2a8d1e-63f4-4b2c-9d38-0a5c54f5d1aa"
let volumeID = "7c1d9a40-8e55-4f0e-8a8b-bd7f37f0c2bb"

extension Request {
    /// `"POST /backups"`, from a client on TCP.
    static func sample(
        _ line: String, _ body: String = "", headers: HTTPFields = [:], authority: String? = "127.0.0.1:8776"
    ) throws -> Request {
        // By scalars: to `Character` a space before a combining mark is no space.
        let parts = line.unicodeScalars.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let method = try #require(HTTPRequest.Method(String(parts[0])))
        return Request(
            method: method, target: String(parts[1]), authority: authority, headers: headers, body: Array(body.utf8),
            peer: .tcp(address: "127.0.0.1:40312"), arrival: Arrival(host: "127.0.0.1"))
    }

    func from(_ peer: Peer) -> Request {
        var request = self
        request.peer = peer
        return request
    }

    func with(_ name: String, _ value: String) -> Request {
        var request = self
        request.headers.set(name, value)
        return request
    }
}

extension Peer {
    static let unixSample = Peer.unix(PeerCredentials(pid: 1, uid: 1000, gid: 1000))
}

extension Principal {
    static let sample = Principal(identity: .token(.full), access: .full)
}

extension APICall {
    /// What `request` asks for, as the API reads it.
    init(_ request: Request) throws {
        let destination = try Route(path: request.path).destination(of: request.method)
        self = try destination.read(request, Microversion(request.headers))
    }
}

extension Response {
    var json: JSONValue { get throws { try JSONValue(parsing: body) } }

    /// The `reason` of an error.
    var reason: String? {
        guard let json = try? json, case .object(let members) = json,
            case .string(let reason)? = members.first?.value[key: "reason"]
        else { return nil }
        return reason
    }
}

func id(_ text: String) throws -> ResourceID { try #require(ResourceID(text)) }
