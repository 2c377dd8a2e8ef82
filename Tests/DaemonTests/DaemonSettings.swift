// SPDX-License-Identifier: Apache-2.0

/// The keys of the configuration that tests set.
struct DaemonSettings {
    var compression = "zlib"
    var chunkBytes = 256 << 10
    var blockBytes = 32 << 10
    var memoryLimitBytes = 64 << 20
    var maxRunningJobs = 2
    /// Seconds.
    var minimumAge = 0
    var isTimerEnabled = true
    var chunksPerNotification = 10
    /// Allows volumes everywhere in the daemon's directory, as the README does for a trial.
    var allowsAll = false
    /// Listens there, too, and wants a token.
    var tcpPort: UInt16?

    /// The TCP port wants none then.
    var auth = "token"
    /// Further lines of `listen`, and further keys; `ROOT` stands for the daemon's directory.
    var listeners: [String] = []
    var more = ""

    /// The configuration of a daemon that has everything in `root`; `repository` may lie elsewhere.
    func yaml(root: String, repository: String) -> String {
        """
        listen: [\((["\"unix:\(root)/api.sock\""] + tcpListener + listeners).joined(separator: ", ")
            .replacing("ROOT", with: root))]
        auth: \(auth)
        state_directory: \(root)/state
        repository:
          posix: {path: \(repository)}
        volumes:
          directory: \(root)/volumes
          allowed_paths: [\(allowsAll ? root : root + "/images"), /dev]
        backup:
          compression_algorithm: "\(compression)"
          chunk_size_bytes: \(chunkBytes)
          sha_block_size_bytes: \(blockBytes)
          memory_limit_bytes: \(memoryLimitBytes)
          max_running_jobs: \(maxRunningJobs)
          minimum_age: \(minimumAge)
        progress_log:
          path: \(root)/progress.jsonl
          enable_timer: \(isTimerEnabled)
          object_number_per_notification: \(chunksPerNotification)
        audit_log: {path: \(root)/audit.jsonl}
        \(more)

        """
    }

    private var tcpListener: [String] { tcpPort.map { ["\"127.0.0.1:\($0)\""] } ?? [] }
}
