// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Codecs
import Foundation

extension Configuration {
    /// The configuration as a commented file, which reads back as the same configuration.
    package var yamlText: String {
        """
        # The configuration of cinderblockd. Every key may be left out.

        # Where the API listens: unix:PATH, or ADDRESS:PORT; or {address: …, access: full | read, group: …, mode: "0660"}.
        listen: [\(listen.map(Self.yaml).joined(separator: ", "))]
        # token | none: whether clients on TCP must show the token in the state directory.
        auth: \(auth.rawValue)
        # Whether "auth: none" may stand with addresses that other machines reach.
        listen_insecure: \(listenInsecure)

        api:
          # What the daemon is called beside localhost and its address, for clients that need no token on TCP.
          allowed_hosts: \(Self.yaml(api.allowedHosts))
          # Where pages may come from that change something, e.g. https://backups.example.org of a proxy.
          allowed_origins: \(Self.yaml(api.allowedOrigins))

        # The catalog, the token and temporary files; one daemon at a time.
        state_directory: \(Self.yaml(stateDirectory))

        # Where backups are kept.
        repository:
          posix:
            path: \(Self.yaml(repository.posixPath))

        volumes:
          # Where the daemon makes image files of its own.
          directory: \(Self.yaml(volumes.directory))
          # What may be registered beside that, e.g. [/dev/vg0, /srv/images].
          allowed_paths: \(Self.yaml(volumes.allowedPaths))

        backup:
          # none, zlib (gzip), bz2 (bzip2) or zstd.
          compression_algorithm: \(backup.compression.name)
          # fast | normal | best: how much time packing may take.
          compression_level: \(backup.compressionLevel.rawValue)
          # Bytes that one read returns; a multiple of sha_block_size_bytes.
          chunk_size_bytes: \(backup.chunkBytes)
          # Bytes that one digest covers: the grain of incremental backups.
          sha_block_size_bytes: \(backup.shaBlockBytes)
          # Bytes for the buffers of all jobs together; at least two chunks per running job.
          memory_limit_bytes: \(backup.memoryLimitBytes)
          # Jobs that run at the same time; the others wait.
          max_running_jobs: \(backup.maxRunningJobs)
          # Backups and restores that may wait; one more is answered by 429. Deletions always may.
          max_waiting_jobs: \(backup.maxWaitingJobs)
          # Seconds for which a backup is kept from deletion.
          minimum_age: \(Self.yaml(backup.minimumAge))

        progress_log:
          # One JSON object per line is appended here; reopened on SIGHUP.
          path: \(Self.yaml(progressLog.path))
          # Whether running backups report at intervals.
          enable_timer: \(progressLog.isTimerEnabled)
          # Seconds between two reports.
          timer_interval: \(Self.yaml(progressLog.timerInterval))
          # Chunks after which a backup reports in any case.
          object_number_per_notification: \(progressLog.objectsPerNotification)

        audit_log:
          # One JSON object per request that changes something or is refused is appended here; reopened on SIGHUP.
          path: \(Self.yaml(auditLog.path))

        """
    }

    /// An address where the rest is as usual.
    private static func yaml(_ listener: Listener) -> String {
        let address = yaml(listener.address, alwaysQuoted: true)
        if listener == Listener(listener.address) { return address }
        var members = ["address: \(address)", "access: \(listener.access.rawValue)"]
        if let group = listener.group { members.append("group: \(yaml(group, alwaysQuoted: true))") }
        if listener.mode != Listener.usualMode { members.append(String(format: "mode: \"%04o\"", listener.mode)) }
        return "{\(members.joined(separator: ", "))}"
    }

    private static func yaml(_ list: [String]) -> String {
        "[" + list.map { yaml($0, alwaysQuoted: true) }.joined(separator: ", ") + "]"
    }

    /// A plain path stays plain, anything else is quoted.
    private static func yaml(_ text: String, alwaysQuoted: Bool = false) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 128 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "/._-".utf8.contains(byte)
        }
        if isPlain, text.hasPrefix("/"), !alwaysQuoted { return text }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case " "..."~": String(scalar)
            default: String(format: "\\U%08X", scalar.value)
            }
        }
        return "\"" + escaped.joined() + "\""
    }

    private static func yaml(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        return milliseconds == 0 ? "\(seconds)" : String(format: "%lld.%03lld", seconds, milliseconds)
    }
}
