// SPDX-License-Identifier: Apache-2.0
import Posix
import Testing

@testable import HTTPServer

struct PlacesTests {
    private static let limits: Limits = {
        var limits = Limits()
        limits.connections = 3
        limits.connectionsPerUser = 2
        return limits
    }()

    private var places = Places(limits: Self.limits, trusted: [0, 7])

    private func user(_ uid: UInt32) -> Peer { .unix(PeerCredentials(pid: 1, uid: uid, gid: uid)) }
    private let remote = Peer.tcp(address: "192.0.2.1:1")

    @Test mutating func `whoever has been idle for longest gives way`() {
        for id: UInt64 in 1...3 {
            #expect(places.verdict(on: remote) == .free)
            let isKnown = places.add(id, remote)
            #expect(!isKnown)
        }
        places.touch(1)
        #expect(places.verdict(on: remote) == .inPlaceOf(2))
        #expect(!places.isFull)
        places.remove(2)
        #expect(places.verdict(on: remote) == .free)
    }

    @Test mutating func `who is known keeps the place, also when nothing is heard`() {
        for id: UInt64 in 1...3 { _ = places.add(id, remote) }
        places.know(1)
        #expect(places.verdict(on: remote) == .inPlaceOf(2))
        places.know(2)
        places.know(3)
        places.touch(3)
        #expect(places.verdict(on: remote) == .none)
        #expect(places.isFull && places.strangerCount == 0)
        places.remove(2)
        #expect(places.verdict(on: remote) == .free)
    }

    @Test mutating func `a user has as many as one may have, and an address any number`() {
        for id: UInt64 in 1...2 { _ = places.add(id, user(1000)) }
        #expect(places.verdict(on: user(1000)) == .tooManyOfUser)
        #expect(places.verdict(on: user(1001)) == .free)
        #expect(places.verdict(on: remote) == .free)
        places.know(1)
        #expect(places.verdict(on: user(1000)) == .tooManyOfUser)
        places.remove(1)
        #expect(places.verdict(on: user(1000)) == .free)
        places.remove(1)
        _ = places.add(3, user(1000))
        #expect(places.verdict(on: user(1000)) == .tooManyOfUser)
    }

    @Test(arguments: [UInt32(0), 7])
    mutating func `root and the daemon's user are known from the beginning`(uid: UInt32) {
        _ = places.add(1, user(1000))
        for id: UInt64 in 2...3 {
            let isKnown = places.add(id, user(uid))
            #expect(isKnown)
        }
        #expect(places.verdict(on: user(uid)) == .inPlaceOf(1))
    }
}
