// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    struct LogTests {
        private static let forged = "x\r\n<0>12:00:00.000 critical forged\u{1b}[31m\u{85}\u{2028}<1>y"

        /// Whoever can write to the repository chooses the names of objects, and they are in errors.
        @Test(arguments: [false, true])
        func `an object's name makes no line of the log, and no priority`(underJournald: Bool) throws {
            let daemon = try DaemonFixture(environment: underJournald ? ["JOURNAL_STREAM": "1:1"] : [:])
            let id = try daemon.backUp(daemon.register(.noise(5000), name: "disk"))
            let name = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("_metadata") })
            let path = daemon.repository + "/" + name
            guard case .object(let members) = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: path)))),
                case .array(let objects)? = members.first(where: { $0.key == "objects" })?.value,
                case .object(let object)? = objects.first, let entry = object.first
            else { return #expect(Bool(false), "no objects in \(path)") }
            let renamed = JSONValue.array([.object([.init(Self.forged, entry.value)])])
            let changed = JSONValue.object(members.map { $0.key == "objects" ? .init($0.key, renamed) : $0 })
            try Data(changed.utf8).write(to: URL(filePath: path))
            #expect(try daemon.askForRestore(of: id).status == 202)
            #expect(eventually { daemon.log.contains("forged") }, "\(daemon.log)")
            daemon.stop()

            let log = daemon.log
            #expect(log.contains(#"x\r\n<0>12:00:00.000 critical forged\u001b[31m\u0085\u2028<1>y"#), "\(log)")
            let start = underJournald ? #/<[2-7]>[^<]/# : #/[0-2][0-9]:[0-5][0-9]:[0-9.]+Z? [a-z]+ [A-Z]/#
            for line in log.utf8.split(separator: UInt8(ascii: "\n")) {
                let text = String(decoding: line, as: UTF8.self)
                #expect(
                    (try? start.prefixMatch(in: text)) != nil && !text.hasPrefix("12:00:00.000 critical"), "\(text)")
            }
            let progress = try String(contentsOfFile: daemon.progressLogPath, encoding: .utf8)
            #expect(progress.utf8.allSatisfy { $0 == 0x0a || (0x20...0x7e).contains($0) })
        }

        @Test func `what is wrong with the configuration is told on one line`() throws {
            let directory = try TemporaryDirectory()
            let (log, path) = (directory.path("log"), directory.path("none\r\n<0>forged\u{1b}.yaml"))
            let daemon = try DaemonProcess(["--config", path], log: log)
            #expect(daemon.waitForEnd() == .exited(1))
            let text = try String(contentsOfFile: log, encoding: .utf8)
            #expect(text.utf8.count { $0 == 0x0a } == 1 && text.contains(#"none\r\n<0>forged\u001b.yaml"#), "\(text)")
        }
    }
}
