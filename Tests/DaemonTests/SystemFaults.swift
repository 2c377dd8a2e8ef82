// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// System calls of a daemon that fail on demand, and a list of those that make files durable
/// (`Tests/Preload/faults.c`, which the daemon is started with).
final class SystemFaults: Sendable {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Preload/faults.c").path
        try Shell.run("clang", "-shared", "-fPIC", "-O1", "-o", directory.path("faults.so"), source, "-ldl")
    }

    var environment: [String: String] {
        ["LD_PRELOAD": directory.path("faults.so"), "CINDERBLOCK_FAULTS": directory.path]
    }

    /// Which calls fail from now on: `close -00001 5`, and so on.
    func set(_ rules: String...) throws {
        try rules.joined(separator: "\n").write(toFile: directory.path("rules"), atomically: true, encoding: .utf8)
    }

    /// The calls on files whose path contains `part`: which call, and the path.
    func calls(on part: String) throws -> [(call: String, path: String)] {
        let text = (try? String(contentsOfFile: directory.path("log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            return words.count == 2 && words[1].contains(part) ? (words[0], words[1]) : nil
        }
    }
}
