// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Codecs

/// What an operator can set, with the defaults; docs/operations.md explains each key.
///
/// `load` and `parse` read it from YAML, `yamlText` writes it back.
package struct Configuration: Sendable, Equatable {
    /// At least one.
    package var listen: [Listener] = ["unix:/run/cinderblock/api.sock", "127.0.0.1:8776"]
    package var auth = Authentication.token
    /// Whether `auth: none` may stand with an address that others than this machine reach.
    package var listenInsecure = false
    package var api = API()
    /// Catalog, token and spool; one daemon at a time.
    package var stateDirectory = "/var/lib/cinderblock"
    package var repository = Repository()
    package var volumes = Volumes()
    package var backup = Backup()
    package var progressLog = ProgressLog()
    package var auditLog = AuditLog()

    package init() {}

    /// Where the API listens, and what it gives there.
    package struct Listener: Sendable, Equatable, ExpressibleByStringLiteral {
        /// `unix:PATH` or `ADDRESS:PORT`.
        package var address: String
        package var access = Access.full
        /// The group of a unix socket, by its name or number; nil for the daemon's own.
        package var group: String?
        /// The mode of a unix socket.
        package var mode = Self.usualMode

        package static let usualMode: UInt32 = 0o660

        package init(_ address: String) { self.address = address }
        package init(stringLiteral address: String) { self.init(address) }
    }

    package struct API: Sendable, Equatable {
        /// What the daemon is called beside `localhost` and its address, where no token is needed.
        package var allowedHosts: [String] = []
        /// Where pages may come from that change something, beside the daemon itself.
        package var allowedOrigins: [String] = []
    }

    /// Whether a client on TCP must show the token.
    package enum Authentication: String, Sendable, CaseIterable {
        case token, none
    }

    /// Where backups are kept.
    package struct Repository: Sendable, Equatable {
        /// The root of the containers.
        package var posixPath = "/var/lib/cinderblock/backups"
    }

    package struct Volumes: Sendable, Equatable {
        /// Where the daemon makes image files of its own.
        package var directory = "/var/lib/cinderblock/volumes"
        /// What may be registered beside that.
        package var allowedPaths: [String] = []
    }

    package struct Backup: Sendable, Equatable {
        package var compression = Compression(.zlib)
        package var compressionLevel = CompressionLevel.normal
        /// What one read returns; a multiple of `shaBlockBytes`.
        package var chunkBytes = 16_777_216
        /// What one digest covers.
        package var shaBlockBytes = 32_768
        /// One pool for the buffers of all jobs.
        package var memoryLimitBytes = 268_435_456
        package var maxRunningJobs = 2
        /// Backups and restores that wait for their turn; one more is refused.
        package var maxWaitingJobs = 1000
        /// Before an `available` backup may be deleted. Whole seconds.
        package var minimumAge = Duration.zero

        /// The least memory limit that these sizes can work with: one chunk, raw and packed, per running job.
        package var neededMemoryBytes: Int { 2 * chunkBytes * maxRunningJobs }
    }

    package struct AuditLog: Sendable, Equatable {
        package var path = "/var/log/cinderblock/audit.jsonl"
    }

    package struct ProgressLog: Sendable, Equatable {
        package var path = "/var/log/cinderblock/progress.jsonl"
        package var isTimerEnabled = true
        /// Exact to the millisecond.
        package var timerInterval = Duration.seconds(120)
        /// Chunks between two notifications.
        package var objectsPerNotification = 10
    }
}
