// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage
import Testing

struct ListeningSocketTests {
    private let path = "/tmp/posix-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
    private var address: SocketAddress { .unix(path: path) }

    @Test func `a unix socket has the mode that was asked for`() throws {
        for mode: UInt32 in [0o660, 0o600, 0o666] {
            let listener = try ListeningSocket(at: address, mode: mode)
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode == S_IFSOCK | mode)
            listener.removeFile()
            listener.close()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func `it can be given to a group`() throws {
        let listener = try ListeningSocket(at: address, mode: 0o640, group: 4711)
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode == S_IFSOCK | 0o640)
        #expect(status.st_gid == 4711 && status.st_uid == geteuid())
        listener.removeFile()
        listener.close()
    }

    @Test func `a peer's groups are those of its process`() throws {
        let listener = try ListeningSocket(at: address)
        let client = try Socket(connectedTo: address)
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = Int(getgroups(Int32(groups.count), &groups))
        #expect(try listener.accept().peerCredentials().groups == Array(groups.prefix(count)))
        client.close()
        listener.removeFile()
        listener.close()
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.255.0.9:1", true), ("[::1]:1", true), ("[0:0::1]:1", true), ("unix:/a", true),
        ("[::ffff:127.0.0.1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false), ("[::2]:1", false),
        ("12.7.0.1:1", false),
        ("[::ffff:192.0.2.1]:1", false), ("192.0.2.127:1", false),
    ])
    func `some addresses are reached from this machine only`(_ text: String, isSo: Bool) throws {
        #expect(try SocketAddress(parsing: text).isOfThisMachine == isSo)
    }

    @Test func `a group is known by its name, or its number`() {
        #expect(SystemGroup.id(of: "root") == 0)
        #expect(SystemGroup.id(of: "4711") == 4711)
        #expect(SystemGroup.id(of: "no such group") == nil)
    }

    @Test func `a stale socket file is replaced`() throws {
        let crashed = try ListeningSocket(at: address)
        crashed.close()
        #expect(access(path, F_OK) == 0)
        let listener = try ListeningSocket(at: address)
        let client = try Socket(connectedTo: address)
        #expect(try listener.accept().peerCredentials().pid == UInt32(bitPattern: getpid()))
        client.close()
        listener.removeFile()
        listener.close()
    }

    @Test func `a socket that is listened on is left alone`() throws {
        let listener = try ListeningSocket(at: address)
        let expected = SocketError.anotherProcessListens(address: "unix:\(path)")
        #expect(throws: expected) { try ListeningSocket(at: address) }
        #expect(expected.description == "another process is listening on unix:\(path)")
        #expect(try Socket(connectedTo: address).localAddress() == nil)
        listener.removeFile()
        listener.close()
    }

    @Test func `a file that is not a socket is left alone`() throws {
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(file >= 0)
        close(file)
        #expect(throws: SocketError.notASocket(path: path)) { try ListeningSocket(at: address) }
        #expect(unlink(path) == 0)
    }

    @Test func `a missing directory is named`() {
        let path = path + ".d/x.sock"
        #expect(throws: SocketError.directoryMissing(socketPath: path)) {
            try ListeningSocket(at: .unix(path: path))
        }
    }

    @Test func `only its own file is removed`() throws {
        let first = try ListeningSocket(at: address)
        #expect(unlink(path) == 0)
        let second = try ListeningSocket(at: address)
        first.removeFile()
        first.close()
        #expect(access(path, F_OK) == 0)
        second.removeFile()
        second.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `port 0 becomes a port`(_ host: String) throws {
        let listener = try ListeningSocket(at: .tcp(host: host, port: 0))
        defer { listener.close() }
        #expect(listener.address != .tcp(host: host, port: 0))
        #expect(throws: SocketError.anotherProcessListens(address: listener.address.description)) {
            try ListeningSocket(at: listener.address)
        }
        #expect(
            throws: SystemCallError("accept a connection on", "\(listener.address)", .resourceTemporarilyUnavailable)
        ) {
            try listener.accept()
        }
    }
}
