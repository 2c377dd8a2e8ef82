// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPServer
import TestSupport
import Testing

/// One at a time: these count what belongs to the whole process.
@Suite(.serialized)
struct HTTPServerCapacityTests {
    @Test func `idle and slow connections cost no threads`() throws {
        let server = try RunningServer()
        _ = try server.connectAndAsk()
        let before = try threadCount()
        var clients: [RawHTTPClient] = []
        for number in 0..<300 {
            let client = number.isMultiple(of: 2) ? try server.connectAndAsk() : try server.connect()
            if !number.isMultiple(of: 2) { try client.send("GET / HT") }
            clients.append(client)
        }
        // Other tests run beside this one and have threads of their own, but not hundreds.
        #expect(try threadCount() < before + 50)
        for client in clients.enumerated() where client.offset % 2 == 1 {
            try client.element.send("TP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.element.receive().status == 200)
        }
    }

    @Test func `above the limit, clients wait for a place`() throws {
        var limits = Limits()
        limits.connections = 3
        let server = try RunningServer(limits: limits)
        var clients = try (0..<3).map { _ in try server.connectAndAsk() }
        let waiting = try server.connect()
        try waiting.send("GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n")
        for client in clients { #expect(try client.request("GET", "/").status == 200) }
        clients.removeLast()
        #expect(try waiting.receive().text == "GET /waiting ")
    }
}

/// Of this process; other tests run beside the one that asks.
func threadCount() throws -> Int {
    let directory = try #require(opendir("/proc/self/task"))
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}
