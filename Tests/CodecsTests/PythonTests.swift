// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Foundation
import Testing

/// Cinder unpacks with Python's zlib and bz2: they have the last word, where there is a Python.
@Suite(.enabled(if: python3 != nil, "no python3 in PATH"))
struct PythonTests {
    @Test(arguments: [CompressionAlgorithm.zlib, .bz2], CompressionLevel.allCases)
    func `Python unpacks what we pack`(_ algorithm: CompressionAlgorithm, level: CompressionLevel) throws {
        for sample in Sample.allCases {
            let bytes = sample.bytes(200_003)
            let packed = try packed(bytes, algorithm, level: level)
            #expect(try unpackedByPython(packed, module: algorithm.rawValue) == bytes, "\(sample)")
        }
    }

    private func unpackedByPython(_ packed: [UInt8], module: String) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "codecs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "packed"), folder.appending(path: "unpacked"))
        try Data(packed).write(to: input)

        let script = """
            import \(module), sys
            open(sys.argv[2], 'wb').write(\(module).decompress(open(sys.argv[1], 'rb').read()))
            """
        let process = Process()
        process.executableURL = python3
        process.arguments = ["-c", script, input.path, output.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(try Data(contentsOf: output))
    }
}

private let python3: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { URL(filePath: String($0)).appending(path: "python3") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
