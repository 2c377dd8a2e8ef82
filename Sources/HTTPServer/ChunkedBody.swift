// SPDX-License-Identifier: Apache-2.0

/// Decodes a chunked body (RFC 9112 §7.1) as it arrives. Extensions and trailers are read, bounded and dropped.
struct ChunkedBody {
    private enum Stage {
        case size
        case data(remaining: Int)
        case endOfData
        case trailers
    }

    private var stage = Stage.size
    private var lines = LineReader()
    private var extensionBytes = 0
    private var trailers = HeaderSection()

    /// What is in memory beside the body.
    var byteCount: Int { lines.byteCount + trailers.byteCount }

    /// Appends what has arrived to `body`; true when the body is complete.
    mutating func read(
        from input: inout ByteQueue, into body: inout [UInt8], atMost limit: Int, limits: Limits
    ) throws(Refusal) -> Bool {
        while !input.isEmpty {
            switch stage {
            case .size: try readSize(from: &input, room: limit - body.count, limit, limits)
            case .data(let remaining): readData(remaining, from: &input, into: &body)
            case .endOfData: try readEndOfData(from: &input)
            case .trailers: if try readTrailer(from: &input, limits: limits) { return true }
            }
        }
        return false
    }

    private mutating func readSize(
        from input: inout ByteQueue, room: Int, _ bodyLimit: Int, _ limits: Limits
    ) throws(Refusal) {
        let limit = 8 + limits.chunkExtensionBytes - extensionBytes
        guard let line = try lines.next(from: &input, alphabet: .field, limit: limit, tooLong: .malformedChunk)
        else { return }
        let digits = line.prefix { $0.hexDigitValue != nil }
        extensionBytes += line.count - digits.count
        let size = try Self.size(digits, followedBy: line.dropFirst(digits.count))
        guard size <= room else { throw .bodyTooLarge(limit: bodyLimit) }
        stage = size == 0 ? .trailers : .data(remaining: size)
    }

    /// After the size comes the end of the line or an extension; anything else was not a size. A blank between them is
    /// allowed by RFC 9112 §7.1.1 and by nobody who sends chunks, but servers have disagreed about it: not here.
    private static func size(
        _ digits: ArraySlice<UInt8>, followedBy extensions: ArraySlice<UInt8>
    ) throws(Refusal) -> Int {
        guard (1...8).contains(digits.count), [nil, UInt8(ascii: ";")].contains(extensions.first),
            ChunkExtensions.areValid(extensions)
        else { throw .malformedChunk }
        return digits.reduce(0) { $0 << 4 | Int($1.hexDigitValue ?? 0) }
    }

    private mutating func readData(_ remaining: Int, from input: inout ByteQueue, into body: inout [UInt8]) {
        let piece = input.take(upTo: remaining)
        body += piece
        stage = piece.count == remaining ? .endOfData : .data(remaining: remaining - piece.count)
    }

    private mutating func readEndOfData(from input: inout ByteQueue) throws(Refusal) {
        if try lines.next(from: &input, alphabet: .field, limit: 0, tooLong: .malformedChunk) != nil { stage = .size }
    }

    /// RFC 9112 §7.1.2: the trailer section ends with an empty line. A trailer must not pass for a header, and none is
    /// of use here.
    private mutating func readTrailer(from input: inout ByteQueue, limits: Limits) throws(Refusal) -> Bool {
        let limit = limits.headerBytes - trailers.byteCount
        let tooLong = Refusal.headersTooLarge(limit: limits.headerBytes)
        guard let line = try lines.next(from: &input, alphabet: .field, limit: limit, tooLong: tooLong)
        else { return false }
        if line.isEmpty { return true }
        try trailers.append(line, limits: limits)
        return false
    }
}
