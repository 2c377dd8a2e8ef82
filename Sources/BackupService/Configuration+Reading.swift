// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Foundation
import Posix
import Yams

extension Configuration {
    /// Reads the file at `path`. Every key may be left out; an unknown one, or a value that makes no sense, is an
    /// error that names the key and the line.
    package static func load(_ path: String) throws(ConfigurationError) -> Configuration {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .unreadable(file: path, reason: reason(of: error))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .unreadable(file: path, reason: "the file is not UTF-8 text")
        }
        return try parse(text, file: path)
    }

    /// Reads a configuration out of `text`; `file` is its name in errors.
    package static func parse(_ text: String, file: String) throws(ConfigurationError) -> Configuration {
        var configuration = Configuration()
        guard let root = try compose(text, file: file) else { return configuration }
        try configuration.read(ConfigurationSetting(file: file, key: "", line: root.mark?.line ?? 1, node: root))
        return configuration
    }

    /// The system's words: Foundation's own say only that something went wrong.
    private static func reason(of error: any Error) -> String {
        guard let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error,
            (system as NSError).domain == NSPOSIXErrorDomain
        else { return error.localizedDescription }
        return String(cString: strerror(Int32(truncatingIfNeeded: (system as NSError).code)))
    }

    private static func compose(_ text: String, file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(error, in: text, file: file)
        } catch {
            throw .invalidYAML(file: file, line: nil, reason: "\(error)")
        }
    }

    private mutating func read(_ root: ConfigurationSetting) throws(ConfigurationError) {
        let top = try root.section([
            "listen", "auth", "listen_insecure", "api", "state_directory", "repository", "volumes", "backup",
            "progress_log", "audit_log",
        ])
        listen = try top["listen"]?.listeners() ?? listen
        auth = try top["auth"]?.choice() ?? auth
        listenInsecure = try top["listen_insecure"]?.boolean() ?? listenInsecure
        if let open = listen.first(where: isOpenToAll) {
            throw top.error("listen", .openToAll(address: open.address), lineOf: ["listen", "auth"])
        }
        try api.read(top["api"])
        stateDirectory = try top["state_directory"]?.absolutePath() ?? stateDirectory
        try repository.read(top["repository"])
        try volumes.read(top["volumes"])
        try backup.read(top["backup"])
        try progressLog.read(top["progress_log"])
        auditLog.path = try top["audit_log"]?.section(["path"])["path"]?.absolutePath() ?? auditLog.path
    }

    private func isOpenToAll(_ listener: Listener) -> Bool {
        guard auth == .none, !listenInsecure, let address = try? SocketAddress(parsing: listener.address) else {
            return false
        }
        return !address.isOfThisMachine
    }
}

extension Configuration.API {
    fileprivate mutating func read(_ setting: ConfigurationSetting?) throws(ConfigurationError) {
        let section = try setting?.section(["allowed_hosts", "allowed_origins"])
        allowedHosts = try section?["allowed_hosts"]?.hosts() ?? allowedHosts
        allowedOrigins = try section?["allowed_origins"]?.origins() ?? allowedOrigins
    }
}

extension Configuration.Repository {
    fileprivate mutating func read(_ setting: ConfigurationSetting?) throws(ConfigurationError) {
        let posix = try setting?.section(["posix"])["posix"]?.section(["path"])
        posixPath = try posix?["path"]?.absolutePath() ?? posixPath
    }
}

extension Configuration.Volumes {
    fileprivate mutating func read(_ setting: ConfigurationSetting?) throws(ConfigurationError) {
        let section = try setting?.section(["directory", "allowed_paths"])
        directory = try section?["directory"]?.absolutePath() ?? directory
        allowedPaths = try section?["allowed_paths"]?.paths() ?? allowedPaths
    }
}

extension Configuration.Backup {
    fileprivate mutating func read(_ setting: ConfigurationSetting?) throws(ConfigurationError) {
        guard
            let section = try setting?.section([
                "compression_algorithm", "compression_level", "chunk_size_bytes", "sha_block_size_bytes",
                "memory_limit_bytes", "max_running_jobs", "max_waiting_jobs", "minimum_age",
            ])
        else { return }
        compression = try section["compression_algorithm"]?.compression() ?? compression
        compressionLevel = try section["compression_level"]?.choice() ?? compressionLevel
        // Above 2 GiB lengths no longer fit the formats; below a sector nothing can be read directly.
        chunkBytes = try section["chunk_size_bytes"]?.integer(1...1 << 31) ?? chunkBytes
        shaBlockBytes = try section["sha_block_size_bytes"]?.integer(512...64 << 20) ?? shaBlockBytes
        memoryLimitBytes = try section["memory_limit_bytes"]?.integer(1...1 << 50) ?? memoryLimitBytes
        maxRunningJobs = try section["max_running_jobs"]?.integer(1...64) ?? maxRunningJobs
        maxWaitingJobs = try section["max_waiting_jobs"]?.integer(1...1_000_000) ?? maxWaitingJobs
        // At most a hundred years.
        if let age = section["minimum_age"] { minimumAge = .seconds(try age.integer(0...3_153_600_000)) }
        try checkSizes(section)
    }

    /// The defaults fit together, so one of the keys that do not is in the file: the line is that key's.
    private func checkSizes(_ section: ConfigurationSection) throws(ConfigurationError) {
        if chunkBytes % shaBlockBytes != 0 {
            throw section.error(
                "chunk_size_bytes", .notMultiple(chunkBytes, of: "sha_block_size_bytes", shaBlockBytes),
                lineOf: ["chunk_size_bytes", "sha_block_size_bytes"])
        }
        if memoryLimitBytes < neededMemoryBytes {
            throw section.error(
                "memory_limit_bytes", .memoryTooSmall(memoryLimitBytes, needed: neededMemoryBytes),
                lineOf: ["memory_limit_bytes", "chunk_size_bytes", "max_running_jobs"])
        }
    }
}

extension Configuration.ProgressLog {
    fileprivate mutating func read(_ setting: ConfigurationSetting?) throws(ConfigurationError) {
        let section = try setting?.section([
            "path", "enable_timer", "timer_interval", "object_number_per_notification",
        ])
        path = try section?["path"]?.absolutePath() ?? path
        isTimerEnabled = try section?["enable_timer"]?.boolean() ?? isTimerEnabled
        timerInterval = try section?["timer_interval"]?.seconds(1...31_536_000) ?? timerInterval
        objectsPerNotification =
            try section?["object_number_per_notification"]?.integer(1...1_000_000_000) ?? objectsPerNotification
    }
}

extension ConfigurationError {
    fileprivate init(_ error: YamlError, in text: String, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .invalidYAML(file: file, line: mark.line, reason: problem)
        case .reader(let problem, let offset?, _, let yaml):
            let line = yaml.prefix(offset).count { $0.isNewline } + 1
            self = .invalidYAML(file: file, line: line, reason: problem)
        case .duplicatedKeysInMapping(let keys, let context):
            let line = context.mark.line
            let key = Self.dottedKey(endingOn: line, of: text) ?? keys.first ?? ""
            self = .invalidValue(file: file, line: line, key: key, problem: .duplicateKey)
        case .memory:
            self = .invalidYAML(file: file, line: nil, reason: "nested too deep")
        default:
            self = .invalidYAML(file: file, line: nil, reason: "\(error)")
        }
    }

    /// The path of the last key up to this line. The parser tells no more of a duplicate key than its line; up to
    /// the first of the two the text is still sound. nil where it is not, inside brackets.
    private static func dottedKey(endingOn line: Int, of text: String) -> String? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).prefix(line)
        guard var node = try? Yams.compose(yaml: lines.joined(separator: "\n")) else { return nil }
        var path: [String] = []
        while let (key, value) = node.mapping?.reversed().first, let name = key.scalar?.string {
            path.append(name)
            if key.mark?.line == line { return path.joined(separator: ".") }
            node = value
        }
        return nil
    }
}
