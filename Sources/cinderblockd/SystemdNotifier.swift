// SPDX-License-Identifier: Apache-2.0
import Foundation
import Posix

/// sd_notify(3): one datagram per message to the socket that systemd names.
struct SystemdNotifier: Sendable {
    private let socket: DatagramSocket
    /// Seconds between two signs of life: half of what systemd waits; nil when it does not watch.
    let watchdogInterval: Double?

    /// nil when the daemon was not started by systemd.
    init?() {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["NOTIFY_SOCKET"], let socket = try? DatagramSocket(to: path) else { return nil }
        self.socket = socket
        // WATCHDOG_PID: the variables may have been meant for another process.
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        watchdogInterval = isMeant ? environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 2_000_000 } : nil
    }

    /// A message that does not arrive is nobody's loss.
    func send(_ message: String) { socket.send(message) }
}
