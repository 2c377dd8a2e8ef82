// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport

/// One run of the binary; killed when the last reference goes.
final class DaemonProcess {
    enum End: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    struct SpawnFailure: Error {
        let executable: String
        let errno: Int32
    }

    /// `cinderblockd` beside the tests, or the one that the environment variable `CINDERBLOCKD` names.
    static let executable: String =
        environment("CINDERBLOCKD")
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("cinderblockd").path

    let pid: pid_t
    private var end: End?

    /// What it writes goes to the end of `log`. `variables` are added to the environment. A `launcher` is a command that
    /// becomes the daemon, such as `setpriv`.
    init(
        _ arguments: [String], log: String, variables: [String: String] = [:], launcher: [String] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let command = launcher + [Self.executable] + arguments
        var arguments = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        let all = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        var environment = all.map { strdup("\($0.key)=\($0.value)") }
        defer { for variable in environment { free(variable) } }
        environment.append(nil)
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, command[0], &actions, nil, arguments, environment)
        guard error == 0 else { throw SpawnFailure(executable: command[0], errno: error) }
        self.pid = pid
    }

    deinit {
        guard end == nil else { return }
        Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    func send(signal: Int32) { if end == nil { Glibc.kill(pid, signal) } }

    /// How it ended; nil when it still runs.
    func poll() -> End? {
        var status: Int32 = 0
        if end == nil, waitpid(pid, &status, WNOHANG) == pid {
            let signal = status & 0x7f  // wait(2), WTERMSIG
            end = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
        }
        return end
    }

    func waitForEnd(within deadline: Duration = .seconds(20)) -> End? {
        _ = eventually(within: deadline) { poll() != nil }
        return end
    }

    /// A number in /proc/PID/status, in KiB where it is a size: `VmHWM`, `Threads`.
    func status(_ name: String) throws -> Int? {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    }
}
