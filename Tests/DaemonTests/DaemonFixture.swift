// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// A daemon in a temporary directory of its own, which it shares with its later runs.
final class DaemonFixture {
    struct NotReady: Error {
        let end: DaemonProcess.End?
    }

    let root: TemporaryDirectory
    let repository: String
    /// Take effect at the next start.
    var settings: DaemonSettings
    private let environment: [String: String]
    private let launcher: [String]
    private var process: DaemonProcess?

    /// Starts the daemon, with these variables in its environment, too. It goes with the fixture.
    /// - Parameter launcher: A command that becomes the daemon.
    /// - Parameter prepare: What is to be there before, in the fixture's directory and in the repository.
    init(
        _ settings: DaemonSettings = DaemonSettings(), repository: String? = nil, environment: [String: String] = [:],
        launcher: [String] = [],
        prepare: (_ root: TemporaryDirectory, _ repository: String) throws -> Void = { _, _ in }
    ) throws {
        root = try TemporaryDirectory()
        self.repository = try repository ?? root.directory("repository")
        self.settings = settings
        self.environment = environment
        self.launcher = launcher
        _ = try root.directory("images")
        DaemonLogs.add(logPath)
        try prepare(root, self.repository)
        try start()
    }

    deinit {
        process = nil
        DaemonLogs.remove(logPath)
    }

    var logPath: String { root.path("daemon.log") }
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }
    var progressLogPath: String { root.path("progress.jsonl") }
    var address: SocketAddress { .unix(path: root.path("api.sock")) }

    // MARK: - Runs

    func start() throws {
        let process = try spawn()
        self.process = process
        let isReady = eventually(within: .seconds(60)) {
            process.poll() != nil || (try? request("GET", "/healthz").status) == 200
        }
        guard isReady, process.poll() == nil else { throw NotReady(end: process.poll()) }
    }

    /// One more process with the same configuration.
    func spawn() throws -> DaemonProcess {
        let configuration = root.path("cinderblock.yaml")
        try settings.yaml(root: root.path, repository: repository).write(
            toFile: configuration, atomically: true, encoding: .utf8)
        return try DaemonProcess(["--config", configuration], log: logPath, variables: environment, launcher: launcher)
    }

    /// Ends the daemon as a service manager does; it has ten seconds for it.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) {
        process?.send(signal: SIGTERM)
        #expect(process?.waitForEnd(within: .seconds(10)) == .exited(0), sourceLocation: sourceLocation)
        process = nil
    }

    /// kill -9
    func kill() {
        process?.send(signal: SIGKILL)
        _ = process?.waitForEnd()
        process = nil
    }

    func restart() throws {
        stop()
        try start()
    }

    /// SIGSTOP, until `goOn`.
    func pause() { process?.send(signal: SIGSTOP) }

    func goOn() { process?.send(signal: SIGCONT) }

    func hangUp() { process?.send(signal: SIGHUP) }

    func terminate() { process?.send(signal: SIGTERM) }

    /// The text of a file in /proc/PID.
    func proc(_ name: String) throws -> String {
        try String(contentsOfFile: procPath + "/" + name, encoding: .utf8)
    }

    var procPath: String { "/proc/\(process?.pid ?? 0)" }
    var isRunning: Bool { process.map { $0.poll() == nil } ?? false }
    var peakResidentBytes: Int { ((try? process?.status("VmHWM")) ?? 0) << 10 }
    var threadCount: Int { (try? process?.status("Threads")) ?? 0 }

    // MARK: - Files

    /// The files in the repository, by their paths below it, temporary ones among them.
    /// What the repository says of itself is left out.
    func storedFiles() throws -> [String] { try files(in: repository).filter { !$0.hasPrefix(".cinderblock/") } }

    /// Those that carry the id of a backup.
    func storedFiles(of backup: String) throws -> [String] { try storedFiles().filter { $0.contains(backup) } }

    func spoolFiles() throws -> [String] { try files(in: root.path("state/spool")) }

    private func files(in directory: String) throws -> [String] {
        try subpaths(of: directory).filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: directory + "/" + path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }

    /// Looks again when a directory has gone under its feet, as they do in a repository.
    private func subpaths(of directory: String) throws -> [String] {
        for _ in 0..<100 {
            if let paths = try? FileManager.default.subpathsOfDirectory(atPath: directory) { return paths }
        }
        return try FileManager.default.subpathsOfDirectory(atPath: directory)
    }

    /// The progress log, line by line.
    func events() throws -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: progressLogPath) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: [UInt8]($0)) }
    }

    /// Those of one backup: their types and payloads.
    func events(of backup: String) throws -> [(type: String, payload: JSONValue)] {
        try events().compactMap { event in
            guard let payload = event[key: "payload"], payload.text("backup_id") == backup else { return nil }
            return (event.text("event_type") ?? "", payload)
        }
    }
}
