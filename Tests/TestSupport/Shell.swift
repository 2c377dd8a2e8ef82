// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs the machine's commands.
package enum Shell {
    package struct Failure: Error, CustomStringConvertible {
        package let command: String
        package let status: Int32
        package let output: String

        package var description: String { "\(command) ended with \(status): \(output)" }
    }

    /// Runs a command found in PATH or the system directories, and returns what it printed, less the last newline.
    /// - Throws: `Failure` unless it ends with 0
    @discardableResult
    package static func run(_ command: String, _ arguments: String...) throws -> String {
        try run(command, arguments)
    }

    @discardableResult
    package static func run(_ command: String, _ arguments: [String]) throws -> String {
        let (process, output) = make(command, arguments)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let line = ([command] + arguments).joined(separator: " ")
            throw Failure(command: line, status: process.terminationStatus, output: text)
        }
        return text
    }

    private static func make(_ command: String, _ arguments: [String]) -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PATH", default: "/usr/bin:/bin"] += ":/usr/sbin:/sbin"
        environment["LC_ALL"] = "C"
        process.environment = environment
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }
}
