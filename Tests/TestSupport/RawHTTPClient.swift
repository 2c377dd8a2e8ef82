// SPDX-License-Identifier: Apache-2.0
import Posix
import SystemPackage

/// An HTTP client that sends exactly the bytes it is given, on one blocking connection. It shares no code with the
/// server beyond the socket.
package final class RawHTTPClient {
    private let socket: Socket
    private var received: [UInt8] = []

    /// Every wait for the server ends after `timeout` with an error.
    ///
    /// - Parameter receiveBuffer: how much the system takes in that is not read; nil for as much as it likes.
    package init(_ address: SocketAddress, timeout: Duration = .seconds(20), receiveBuffer: Int? = nil) throws {
        self.socket = try Socket(connectedTo: address)
        if let receiveBuffer { try socket.setReceiveBuffer(bytes: receiveBuffer) }
        try socket.setTimeouts(timeout)
    }

    deinit { socket.close() }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty { rest = rest.dropFirst(try socket.send(rest)) }
    }

    package func finishSending() { socket.finishSending() }

    /// Sends a whole request, with `Host` and `Content-Length`, and returns the answer.
    package func request(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) throws -> RawHTTPResponse {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
        try send(Array((head + "\r\n").utf8) + body)
        return try receive(toHead: method == "HEAD")
    }

    /// The next response, interim ones included.
    package func receive(toHead isHead: Bool = false) throws -> RawHTTPResponse {
        var response = try RawHTTPResponse(head: receiveHead())
        guard !isHead && response.hasBody else { return response }
        if response["Transfer-Encoding"] == "chunked" {
            while let chunk = try receiveChunk() { response.body += chunk }
        } else {
            response.body = try receiveBody(response["Content-Length"])
        }
        return response
    }

    /// Waits until the server has closed the connection; true if it sent nothing more before.
    package func receivesEnd() throws -> Bool {
        let before = received.count
        while try receiveMore() {}
        return received.count == before
    }

    /// The next response without its body, which is left to be received piece by piece.
    package func receiveHead() throws -> RawHTTPResponse { try RawHTTPResponse(head: receiveHead()) }

    /// The next chunk of a body in the chunked coding (RFC 9112 §7.1); nil at its end.
    package func receiveChunk() throws -> [UInt8]? {
        let line = try receiveLine()
        guard let count = Int(line, radix: 16) else { throw RawHTTPError.malformed(line) }
        while received.count < count + 2 {
            guard try receiveMore() else { throw RawHTTPError.closed(after: received.count) }
        }
        defer { received.removeFirst(count + 2) }
        return count == 0 ? nil : Array(received.prefix(count))
    }

    /// The next bytes, whatever they are; nil at the end of the connection.
    package func receiveBytes() throws -> [UInt8]? {
        if received.isEmpty, try !receiveMore() { return nil }
        defer { received = [] }
        return received
    }

    private func receiveLine() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end].dropLast(), as: UTF8.self)
            }
            guard try receiveMore() else { throw RawHTTPError.closed(after: received.count) }
        }
    }

    private func receiveHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let index = received.indices.first(where: { received[$0...].starts(with: end) }) {
                defer { received.removeFirst(index + end.count) }
                return String(decoding: received[..<index], as: UTF8.self)
            }
            guard try receiveMore() else { throw RawHTTPError.closed(after: received.count) }
        }
    }

    private func receiveBody(_ length: String?) throws -> [UInt8] {
        let count = length.flatMap { Int($0) }
        while received.count < count ?? .max {
            guard try receiveMore() else {
                guard count == nil else { throw RawHTTPError.closed(after: received.count) }
                break
            }
        }
        let body = Array(received.prefix(count ?? .max))
        received.removeFirst(body.count)
        return body
    }

    private func receiveMore() throws -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { buffer.deallocate() }
        do {
            let count = try socket.receive(into: buffer)
            received += buffer[..<count]
            return count > 0
        } catch {
            switch error.errno {
            case .connectionReset: return false
            case .resourceTemporarilyUnavailable: throw RawHTTPError.timedOut
            default: throw error
            }
        }
    }
}
