// SPDX-License-Identifier: Apache-2.0
@testable import HTTPServer

/// Everything a parser makes of a stream of bytes that arrives in pieces.
struct ParsedStream: Equatable {
    var steps: [RequestParser.Step] = []

    init(_ pieces: [some Collection<UInt8>], limits: Limits = Limits()) {
        var parser = RequestParser(limits: limits)
        for piece in pieces {
            parser.append(piece)
            while take(parser.next()) {}
        }
    }

    init(_ text: String, limits: Limits = Limits()) {
        self.init([Array(text.utf8)], limits: limits)
    }

    /// Whether there may be a further step.
    private mutating func take(_ step: RequestParser.Step) -> Bool {
        switch step {
        case .needsMore: return false
        case .head: return true
        case .refused:
            if steps.last != step { steps.append(step) }
            return false
        case .sendContinue, .request:
            steps.append(step)
            return true
        }
    }

    var heads: [RequestHead] {
        steps.compactMap { if case .request(let head, _) = $0 { head } else { nil } }
    }

    var bodies: [String] {
        steps.compactMap { if case .request(_, let body) = $0 { String(decoding: body, as: UTF8.self) } else { nil } }
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = steps.last { refusal } else { nil }
    }
}
