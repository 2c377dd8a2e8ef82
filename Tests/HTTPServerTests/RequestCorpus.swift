// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The bytes of a request, or of several behind one another, and what must become of them.
struct CorpusRequest: Decodable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// What each is answered with, in order: a status (`400`) or a class of them (`2xx`).
    let answers: [String]
    /// Whether the connection must be closed after the last answer.
    let closes: Bool
    /// How many requests a handler may see in these bytes.
    let requests: Int

    var testDescription: String { name }

    private enum Key: String, CodingKey { case name, request, answers, closes, requests }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        name = try members.decode(String.self, forKey: .name)
        bytes = try members.decode(Bytes.self, forKey: .request).bytes
        answers = try members.decode([String].self, forKey: .answers)
        closes = try members.decode(Bool.self, forKey: .closes)
        requests = try members.decode(Int.self, forKey: .requests)
    }

    func answers(_ number: Int, fit status: Int) -> Bool {
        answers[number] == "\(status)" || answers[number] == "\(status / 100)xx"
    }
}

extension CorpusRequest {
    /// A text, each of whose characters is a byte, or a list of texts and of `{"repeat": TEXT, "times": N}`.
    private struct Bytes: Decodable {
        let bytes: [UInt8]

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                bytes = try Self.bytes(of: text)
            } else {
                let parts = try decoder.singleValueContainer().decode([Part].self)
                bytes = try parts.flatMap { part in
                    let bytes = try Self.bytes(of: part.text)
                    return (0..<part.times).flatMap { _ in bytes }
                }
            }
        }

        private static func bytes(of text: String) throws -> [UInt8] {
            try text.unicodeScalars.map { try #require(UInt8(exactly: $0.value)) }
        }
    }

    private struct Part: Decodable {
        let text: String
        let times: Int

        private enum Key: String, CodingKey { case text = "repeat", times }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                (self.text, self.times) = (text, 1)
            } else {
                let members = try decoder.container(keyedBy: Key.self)
                text = try members.decode(String.self, forKey: .text)
                times = try members.decode(Int.self, forKey: .times)
            }
        }
    }
}

extension CorpusRequest {
    /// `requests.jsonl`: one a line.
    static let all: [CorpusRequest] = {
        do {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "requests.jsonl")
            return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(CorpusRequest.self, from: $0)
            }
        } catch {
            Issue.record("requests.jsonl: \(error)")
            return []
        }
    }()
}
