// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The imports under Sources/ against the picture of the modules in docs/architecture.md: an arrow may only
/// point down.
struct ModuleArrowsTests {

    private static let allowed: [String: Set<String>] = [
        "BackupModel": ["Foundation"],
        "Posix": ["CPosix", "Glibc", "Synchronization", "SystemPackage"],
        "Codecs": [
            "BackupModel", "CBzip2", "CCrypto", "CISAL", "CMD5", "CSHA256", "CZlib", "CZstd", "Foundation", "Glibc",
            "Synchronization",
        ],
        "ObjectStorage": ["Dispatch", "Foundation", "Glibc", "Posix", "Synchronization", "SystemPackage"],
        "BackupEngine": [
            "BackupModel", "Codecs", "Dispatch", "Foundation", "Glibc", "ObjectStorage", "Posix", "Synchronization",
            "SystemPackage",
        ],
        "BackupCatalog": ["BackupModel", "Dispatch", "Foundation", "GRDB", "Synchronization"],
        "HTTPServer": [
            "Dispatch", "Foundation", "Glibc", "HTTPTypes", "Posix", "Synchronization", "SystemPackage",
        ],
        "BackupService": [
            "BackupCatalog", "BackupEngine", "BackupModel", "Codecs", "Dispatch", "Foundation", "Glibc", "HTTPServer",
            "HTTPTypes", "Logging", "ObjectStorage", "Posix", "Synchronization", "SystemPackage", "Yams",
        ],
        "cinderblockd": [
            "ArgumentParser", "BackupService", "Dispatch", "Foundation", "Glibc", "Logging", "Posix",
            "Synchronization", "SystemPackage",
        ],
    ]

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources").path

    @Test func `every module imports only what lies below it`() throws {
        var modules: Set<String> = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: Self.sources) where file.hasSuffix(".swift") {
            let module = String(file.prefix { $0 != "/" })
            modules.insert(module)
            let allowed = try #require(Self.allowed[module], "\(module) is not in the picture")
            let text = try String(contentsOfFile: Self.sources + "/" + file, encoding: .utf8)
            for imported in imports(in: text) {
                #expect(allowed.contains(imported), "\(file) imports \(imported)")
            }
        }
        #expect(modules.contains("BackupModel") && modules.contains("BackupEngine"))
    }

    /// The modules of all import lines, whatever stands around them.
    private func imports(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")
            while let first = words.first, first.hasPrefix("@") || ["package", "internal", "private"].contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let path = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return String(path.prefix { $0 != "." })
        }
    }
}
