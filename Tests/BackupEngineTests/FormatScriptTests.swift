// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Codecs
import Foundation
import ObjectStorage
import TestSupport
import Testing

/// The script of docs/format.md restores what we write, and what Cinder wrote, without us.
@Suite(.enabled(if: (try? Shell.run("python3", "--version")) != nil, "no python3 in PATH"))
struct FormatScriptTests {
    private let scratch: TemporaryDirectory
    private let repository: String
    private let chain: BackupChain

    init() throws {
        scratch = try TemporaryDirectory()
        repository = try scratch.directory("repository")
        chain = try BackupChain(PosixObjectStore(path: repository))
    }

    /// The last indented part of the page.
    private func script() throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "    import bz2")).lowerBound
        let lines = text[start...].split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.isEmpty || $0.hasPrefix("    ") })
        return lines.map { String($0.dropFirst(4)) }.joined(separator: "\n")
    }

    private func path(_ name: String, of location: LayerLocation) -> String {
        "\(repository)/\(location.container)/\(name)"
    }

    private func restore(_ layers: [LayerLocation]) throws -> [UInt8] {
        try script().write(toFile: scratch.path("restore.py"), atomically: true, encoding: .utf8)
        let metadata = layers.map { path($0.names.metadata, of: $0) }
        // The arguments of a command are few here, and a shell takes any number.
        let command = (["python3", scratch.path("restore.py"), scratch.path("target")] + metadata)
            .map { "'\($0)'" }.joined(separator: " ")
        try Shell.run("sh", "-c", command)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: scratch.path("target"))))
    }

    /// A full backup and two increments; answers what the volume holds then.
    private func makeChain(_ algorithm: CompressionAlgorithm) throws -> [UInt8] {
        var random = SeededGenerator(seed: 32)
        var volume = SeededVolume(patterns: [.text, .noise, .zeros], of: 300_001, using: &random)
        for _ in 0..<3 {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"), Compression(algorithm))
            volume.change(.text, 40_000..<90_000, using: &random)
        }
        return try chain.restore(layers)
    }

    private var layers: [LayerLocation] { chain.points.last?.layers ?? [] }

    @Test(arguments: [CompressionAlgorithm.none, .zlib, .bz2])
    func `it restores a chain`(_ algorithm: CompressionAlgorithm) throws {
        let bytes = try makeChain(algorithm)
        #expect(try restore(layers) == bytes)
    }

    @Test func `it takes digests of stored bytes, and texts that are none`() throws {
        let bytes = try makeChain(.zlib)
        for location in layers {
            let file = URL(fileURLWithPath: path(location.names.metadata, of: location))
            var text = try String(contentsOf: file, encoding: .utf8)
            _ = try chain.engine.readMetadata(location) { object in
                let stored = try Data(contentsOf: URL(fileURLWithPath: path(object.name, of: location)))
                text = text.replacing(object.md5.hex, with: stored.withUnsafeBytes { md5Digest(of: $0) }.hex)
            }
            let halves = text.split(separator: "\"test\"").map { Data($0.utf8) }
            try (Data([0xef, 0xbb, 0xbf]) + halves[0] + Data([0x22, 0xff, 0x22]) + halves[1]).write(to: file)
        }
        #expect(try restore(layers) == bytes)
        #expect(try chain.restore(layers) == bytes)
    }

    @Test func `it finds damage`() throws {
        _ = try makeChain(.none)
        let location = try #require(layers.first)
        let file = URL(fileURLWithPath: path(location.names.data(1), of: location))
        var data = try Data(contentsOf: file)
        data[data.count / 2] ^= 1
        try data.write(to: file)
        #expect(throws: Shell.Failure.self) { try restore(layers) }
    }
}
