// SPDX-License-Identifier: Apache-2.0

/// Reads requests from a stream of bytes (RFC 9112). It knows no socket and no clock.
///
/// Append what arrives, then ask for the next step until it needs more. The steps depend on the bytes alone, not on
/// how they are cut into pieces.
struct RequestParser {
    enum Step: Hashable {
        case needsMore
        /// The head is fine. The body, if there is one, has not been looked at.
        case head(RequestHead)
        /// The client waits for an interim answer before it sends the body.
        case sendContinue
        case request(RequestHead, body: [UInt8])
        /// The connection is beyond repair: every further step is this one again.
        case refused(Refusal)
    }

    /// How far the current request has come; deadlines depend on it.
    enum Progress { case idle, head, body }

    private enum Stage {
        case requestLine(skippedEmptyLine: Bool)
        case fields(RequestLine)
        case sizedBody(RequestHead, byteCount: Int)
        case chunkedBody(RequestHead)
        case refused(Refusal)
    }

    private let limits: Limits
    private var input = ByteQueue()
    private var stage = Stage.requestLine(skippedEmptyLine: false)
    private var lines = LineReader()
    private var section = HeaderSection()
    // Outside the stage, which is copied as it changes; a body is not.
    private var chunks = ChunkedBody()
    private var body: [UInt8] = []
    private var owesContinue = false

    init(limits: Limits) {
        self.limits = limits
    }

    var progress: Progress {
        switch stage {
        case .requestLine(let skippedEmptyLine): skippedEmptyLine || lines.isInLine || !input.isEmpty ? .head : .idle
        case .fields: .head
        case .sizedBody, .chunkedBody, .refused: .body
        }
    }

    /// What of the current request, and of those behind it, is in memory.
    var byteCount: Int { input.count + lines.byteCount + section.byteCount + chunks.byteCount + body.count }

    mutating func append(_ bytes: some Sequence<UInt8>) { input.append(bytes) }

    mutating func next() -> Step {
        do {
            while true {
                if let step = try advance() { return step }
            }
        } catch {
            stage = .refused(error)
            return .refused(error)
        }
    }

    /// The next step, or nil when the stage has changed and there may be more to do.
    private mutating func advance() throws(Refusal) -> Step? {
        if owesContinue {
            owesContinue = false
            return .sendContinue
        }
        return switch stage {
        case .requestLine(let skippedEmptyLine): try readRequestLine(skippedEmptyLine)
        case .fields(let line): try readField(line)
        case .sizedBody(let head, let byteCount): readSizedBody(head, byteCount)
        case .chunkedBody(let head): try readChunkedBody(head)
        case .refused(let refusal): .refused(refusal)
        }
    }
}

extension RequestParser {
    private mutating func readRequestLine(_ skippedEmptyLine: Bool) throws(Refusal) -> Step? {
        let limit = limits.requestLineBytes
        let tooLong = Refusal.requestLineTooLong(limit: limit)
        guard let line = try lines.next(from: &input, alphabet: .requestLine, limit: limit, tooLong: tooLong)
        else { return .needsMore }
        if line.isEmpty {
            // RFC 9112 §2.2: old clients send an empty line after a body. One is forgiven.
            guard !skippedEmptyLine else { throw .malformedRequestLine }
            stage = .requestLine(skippedEmptyLine: true)
        } else {
            stage = .fields(try RequestLine(parsing: line))
        }
        return nil
    }

    private mutating func readField(_ line: RequestLine) throws(Refusal) -> Step? {
        let limit = limits.headerBytes - section.byteCount
        let tooLong = Refusal.headersTooLarge(limit: limits.headerBytes)
        guard let field = try lines.next(from: &input, alphabet: .field, limit: limit, tooLong: tooLong)
        else { return .needsMore }
        if field.isEmpty { return beginBody(try RequestHead(line, section.fields, limits: limits)) }
        try section.append(field, limits: limits)
        return nil
    }

    private mutating func beginBody(_ head: RequestHead) -> Step {
        stage =
            switch head.framing {
            case .sized(let byteCount): .sizedBody(head, byteCount: byteCount)
            case .chunked: .chunkedBody(head)
            }
        owesContinue = head.expectsContinue
        return .head(head)
    }

    private mutating func readSizedBody(_ head: RequestHead, _ byteCount: Int) -> Step? {
        body += input.take(upTo: byteCount - body.count)
        return body.count == byteCount ? finish(head) : .needsMore
    }

    private mutating func readChunkedBody(_ head: RequestHead) throws(Refusal) -> Step? {
        try chunks.read(from: &input, into: &body, atMost: head.bodyLimit, limits: limits) ? finish(head) : .needsMore
    }

    /// Hands the request over, and is ready for the one that may follow in the same bytes.
    private mutating func finish(_ head: RequestHead) -> Step {
        defer {
            stage = .requestLine(skippedEmptyLine: false)
            section = HeaderSection()
            chunks = ChunkedBody()
            body = []
        }
        return .request(head, body: body)
    }
}
