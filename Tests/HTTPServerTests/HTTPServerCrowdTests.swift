// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import HTTPServer
import HTTPTypes
import Posix
import TestSupport
import Testing

/// Ten thousand connections of a user without rights, and 200 that are slow: they are in nobody's way.
@Suite(
    .serialized, .enabled(if: isRoot, "needs root, to be somebody else"),
    .enabled(if: hasCommand("setpriv") && hasCommand(python), "no setpriv, or no \(python)"),
    .enabled(if: ((try? DescriptorLimit.raise(to: 12_000)) ?? 0) >= 12_000, "needs 12,000 descriptors"))
struct HTTPServerCrowdTests {
    /// 10,000 that say nothing, and 200 that say a byte now and then. It says when they are there, and stays.
    private static let crowd = """
        import socket, sys, time
        unix, where = sys.argv[1] == "unix", sys.argv[2]
        address = where if unix else (where.rpartition(":")[0], int(where.rpartition(":")[2]))
        def connect():
            s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
            s.settimeout(20)
            try: s.connect(address)
            except OSError: pass
            s.setblocking(False)
            return s
        idle = [connect() for _ in range(10000)]
        slow = [connect() for _ in range(200)]
        print("ready", flush=True)
        while True:
            for s in slow:
                try: s.send(b"G")
                except OSError: pass
            time.sleep(0.2)
        """

    private static let admit: @Sendable (Request) -> Admission = { request in
        if case .unix(let peer) = request.peer, peer.uid == 0 { return .known }
        let isKnown = request.headers.contains { $0.name.canonicalName == "x-known" }
        return isKnown ? .known : .refused(Response(status: .unauthorized))
    }

    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `a client with rights is answered within a second`(_ address: SocketAddress) throws {
        let other: SocketAddress = .unix(path: RunningServer.socketPath())
        let server = try RunningServer(
            [address, other], admit: Self.admit, replying: { .response(RunningServer.echo($0)) })
        if case .unix(let path) = address { try systemCall("set the mode of", path) { chmod(path, 0o666) } }
        let kept = try server.connect()
        _ = try kept.request("GET", "/", headers: [("X-Known", "1")])
        let threads = try threadCount()

        let stranger = try Stranger(Self.crowd, server.addresses[0])
        defer { stranger.end() }
        try stranger.wait()
        for number in 0..<40 {
            let start = ContinuousClock.now
            let client = try number.isMultiple(of: 2) ? server.connect() : RawHTTPClient(server.addresses[1])
            #expect(try client.request("GET", "/x", headers: [("X-Known", "1")]).text == "GET /x ")
            #expect(.now - start < .seconds(1), "request \(number)")
        }
        #expect(try kept.request("GET", "/y", headers: [("X-Known", "1")]).text == "GET /y ")
        // Other tests run beside this one and have threads of their own, but not thousands.
        #expect(try threadCount() < threads + 100)
    }
}

/// One that every user may run.
private let python = "/usr/bin/python3"

/// A process of a user who has no rights to anything.
private final class Stranger {
    private let process = Process()
    private let output = Pipe()

    init(_ program: String, _ address: SocketAddress) throws {
        let (kind, place) =
            switch address {
            case .unix(let path): ("unix", path)
            case .tcp(let host, let port): ("tcp", "\(host):\(port)")
            }
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "setpriv", "--reuid", "23456", "--regid", "23456", "--clear-groups", python, "-c", program, kind, place,
        ]
        process.standardOutput = output
        try process.run()
    }

    /// Until it says that it is ready.
    func wait() throws {
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(text.hasPrefix("ready"))
    }

    func end() {
        // It inherits a mask of signals in which SIGTERM waits for ever.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
