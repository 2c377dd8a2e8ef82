// SPDX-License-Identifier: Apache-2.0
import BackupService
import Dispatch
import Foundation
import Glibc
import Logging
import Posix

/// Runs the service until a signal ends it, and speaks systemd's protocol about it.
final class Daemon {
    /// How long jobs and requests may take to end.
    private static let stopTimeout = Duration.seconds(7)
    /// Seconds from the signal to the end, whatever hangs; the unit's TimeoutStopSec is longer.
    private static let lastResort: UInt32 = 9

    private let host: ServiceHost
    private let logger: Logger
    private let systemd = SystemdNotifier()
    private let termination: SignalSource
    private let hangup: SignalSource

    /// - Parameter path: Where the configuration was read.
    init(configuration: Configuration, from path: String) throws {
        // First of all: recovery may take a while, and a signal must not end it in the middle.
        termination = SignalSource([SIGTERM, SIGINT]) { Self.exitInTheEnd() }
        hangup = SignalSource([SIGHUP])
        signal(SIGPIPE, SIG_IGN)
        // A file that would be larger than RLIMIT_FSIZE is an error of the call, EFBIG, and no end of the daemon.
        signal(SIGXFSZ, SIG_IGN)
        LoggingSystem.bootstrap { StderrLogHandler(label: $0) }
        logger = Logger(label: "cinderblockd")
        // Every file is made with a mode of its own; this takes away what is nobody's, whatever the unit says.
        umask(0o007)
        Self.confine(logger)
        MallocArenas.limit(to: 2)
        Self.raiseDescriptorLimit(logger)
        systemd?.send("STATUS=Recovering\nEXTEND_TIMEOUT_USEC=600000000")
        host = try ServiceHost(configuration: configuration, configurationPath: path, logger: logger)
    }

    /// Before anything from outside is read. It takes no rights that the daemon needs, so what fails is only told.
    private static func confine(_ logger: Logger) {
        for error in Confinement.begin() {
            logger.warning("The process could not be confined", metadata: ["error": "\(error)"])
        }
    }

    /// As many files as the unit allows; a shell's default is less than there may be connections.
    private static func raiseDescriptorLimit(_ logger: Logger) {
        let wanted: UInt64 = 8192
        do {
            let limit = try DescriptorLimit.raise(to: wanted)
            if limit < wanted { logger.notice("Few files may be open", metadata: ["limit": "\(limit)"]) }
        } catch {
            logger.warning("The limit of open files could not be raised", metadata: ["error": "\(error)"])
        }
    }

    func run() throws -> Never {
        let addresses = try host.start()
        for address in addresses { logger.notice("Listening", metadata: ["address": "\(address)"]) }
        systemd?.send("READY=1\nSTATUS=\(host.statusLine)")
        let watchdog = watchdog()
        hangup.handle { [host, logger] in
            logger.notice("Reopening the progress log and the audit log, reading the tokens again")
            host.reload()
        }

        termination.wait()
        watchdog?.cancel()
        logger.notice("Stopping")
        systemd?.send("STOPPING=1\nSTATUS=Stopping")
        let ending = host.stop(within: Self.stopTimeout)
        if !ending.haveJobsEnded { logger.warning("Jobs did not end in time; the next start brings them to an end") }
        if !ending.isCatalogClosed { logger.error("The catalog could not be closed; the next start recovers it") }
        StandardError.writer.flush(within: .milliseconds(500))
        // Threads that hang cannot be ended, and need not be: there is nothing left that `exit` would do.
        _exit(ending.isCatalogClosed ? EXIT_SUCCESS : EXIT_FAILURE)
    }

    /// Once a signal has come, nothing keeps the process for longer than it may take.
    private static func exitInTheEnd() {
        Thread.detachNewThread {
            sleep(lastResort)
            _exit(EXIT_FAILURE)
        }
    }

    /// Fed by a tick that goes through the scheduler's queue and one read of the catalog: where either hangs,
    /// systemd hears nothing and starts the daemon anew.
    private func watchdog() -> (any DispatchSourceTimer)? {
        guard let systemd else { return nil }
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "watchdog"))
        timer.schedule(deadline: .now(), repeating: systemd.watchdogInterval ?? 10)
        timer.setEventHandler { [host] in
            host.checkAlive { systemd.send("WATCHDOG=1\nSTATUS=\(host.statusLine)") }
        }
        timer.resume()
        return timer
    }
}
