// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport

/// Answers `/stream` by streams and `/later` by later replies, and keeps them for the test. Everything else is echoed.
final class StreamSource: Sendable {
    private struct State {
        var streams: [StreamedReply] = []
        var laters: [LaterReply] = []
        var over = 0
    }

    private let state = Mutex(State())
    private let bufferBytes: Int
    private let timeout: Duration

    init(bufferBytes: Int = 64 << 10, timeout: Duration = .seconds(3600)) {
        self.bufferBytes = bufferBytes
        self.timeout = timeout
    }

    var streams: [StreamedReply] { state.withLock { $0.streams } }
    var laters: [LaterReply] { state.withLock { $0.laters } }
    /// How many of both are over.
    var over: Int { state.withLock { $0.over } }

    func reply(to request: Request) -> Reply {
        switch request.path {
        case "/stream":
            let stream = StreamedReply(
                headers: [.contentType: "text/plain"], opening: [Array("begin ".utf8)], bufferBytes: bufferBytes,
                whenOver: { self.state.withLock { $0.over += 1 } })
            state.withLock { $0.streams.append(stream) }
            return .stream(stream)
        case "/later":
            let later = LaterReply(within: timeout, whenOver: { self.state.withLock { $0.over += 1 } }) {
                Response(status: .ok, body: Array("later".utf8))
            }
            state.withLock { $0.laters.append(later) }
            return .later(later)
        default: return .response(RunningServer.echo(request))
        }
    }

    func waitForStreams(_ count: Int) -> Bool { eventually { streams.count == count } }
    func waitForLaters(_ count: Int) -> Bool { eventually { laters.count == count } }
    func waitUntilOver(_ count: Int) -> Bool { eventually { over == count } }
}

extension RawHTTPClient {
    func ask(_ target: String, _ method: String = "GET", version: String = "HTTP/1.1") throws {
        try send("\(method) \(target) \(version)\r\nHost: a\r\n\r\n")
    }

    /// Chunks until they are `text` together, however the server cut them.
    func receivesChunks(_ text: String) throws -> Bool {
        var bytes: [UInt8] = []
        while bytes.count < text.utf8.count, let chunk = try receiveChunk() { bytes += chunk }
        return bytes == Array(text.utf8)
    }
}
