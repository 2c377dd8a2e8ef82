// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Codecs
import BackupService
import Codecs
import Foundation
import Testing

struct ConfigurationTests {
    private func parse(_ text: String) throws -> Configuration {
        try Configuration.parse(text, file: "c.yaml")
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "backup:\nvolumes:\n  # allowed_paths: []\n", "~"])
    func `what is left out has its default`(_ text: String) throws {
        let configuration = try parse(text)
        #expect(configuration == Configuration())
        #expect(configuration.listen == ["unix:/run/cinderblock/api.sock", "127.0.0.1:8776"])
        #expect(configuration.auth == .token)
        #expect(configuration.stateDirectory == "/var/lib/cinderblock")
        #expect(configuration.repository.posixPath == "/var/lib/cinderblock/backups")
        #expect(configuration.volumes.directory == "/var/lib/cinderblock/volumes")
        #expect(configuration.volumes.allowedPaths == [])
        #expect(configuration.backup.compression.name == "zlib")
        #expect(configuration.backup.chunkBytes == 16 << 20)
        #expect(configuration.backup.shaBlockBytes == 32 << 10)
        #expect(configuration.backup.memoryLimitBytes == 256 << 20)
        #expect(configuration.backup.maxRunningJobs == 2)
        #expect(configuration.progressLog.path == "/var/log/cinderblock/progress.jsonl")
        #expect(configuration.progressLog.isTimerEnabled)
        #expect(configuration.progressLog.timerInterval == .seconds(120))
        #expect(configuration.progressLog.objectsPerNotification == 10)
        #expect(configuration.listen.allSatisfy { $0.access == .full && $0.mode == 0o660 && $0.group == nil })
        #expect(!configuration.listenInsecure)
        #expect(configuration.api.allowedHosts.isEmpty && configuration.api.allowedOrigins.isEmpty)
        #expect(configuration.backup.minimumAge == .zero)
        #expect(configuration.auditLog.path == "/var/log/cinderblock/audit.jsonl")
    }

    /// The unit's drop-in of that name takes the network away.
    @Test func `the configuration for unix sockets alone has no other, and is the default otherwise`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "config/unix-only.yaml").path
        var expected = Configuration()
        expected.listen = ["unix:/run/cinderblock/api.sock"]
        #expect(try Configuration.load(path) == expected)
    }

    @Test func `every key is read`() throws {
        let configuration = try parse(Self.everything)
        #expect(configuration == Self.everythingRead)
    }

    static let everything = """
        listen:
          - "[::1]:8776"
          - {address: "unix:/r.sock", access: read, group: monitoring, mode: 0666}
          - {address: "192.0.2.7:1", access: read}
        auth: none
        listen_insecure: true
        api: {allowed_hosts: [backup-host], allowed_origins: ["https://backups.example.org"]}
        state_directory: /s
        repository: {posix: {path: "/b b"}}
        volumes:
          directory: /v
          allowed_paths:
            - /dev/vg0
            - /srv/ümlaut
        backup:
          compression_algorithm: GZIP
          compression_level: best
          chunk_size_bytes: 1048576
          sha_block_size_bytes: 512
          memory_limit_bytes: 8388608
          max_running_jobs: 4
          max_waiting_jobs: 1
          minimum_age: 86400
        progress_log:
          path: /p
          enable_timer: false
          timer_interval: 1.5
          object_number_per_notification: 1
        audit_log: {path: /a}

        """

    static var everythingRead: Configuration {
        var expected = Configuration()
        expected.listen = ["[::1]:8776", "unix:/r.sock", "192.0.2.7:1"]
        expected.listen[1].access = .read
        expected.listen[1].group = "monitoring"
        expected.listen[1].mode = 0o666
        expected.listen[2].access = .read
        expected.auth = .none
        expected.listenInsecure = true
        expected.api.allowedHosts = ["backup-host"]
        expected.api.allowedOrigins = ["https://backups.example.org"]
        expected.stateDirectory = "/s"
        expected.repository.posixPath = "/b b"
        expected.volumes.directory = "/v"
        expected.volumes.allowedPaths = ["/dev/vg0", "/srv/ümlaut"]
        expected.backup.compression = Compression(named: "gzip") ?? .none
        expected.backup.compressionLevel = .best
        expected.backup.chunkBytes = 1 << 20
        expected.backup.shaBlockBytes = 512
        expected.backup.memoryLimitBytes = 8 << 20
        expected.backup.maxRunningJobs = 4
        expected.backup.maxWaitingJobs = 1
        expected.backup.minimumAge = .seconds(86400)
        expected.progressLog.path = "/p"
        expected.progressLog.isTimerEnabled = false
        expected.progressLog.timerInterval = .milliseconds(1500)
        expected.progressLog.objectsPerNotification = 1
        expected.auditLog.path = "/a"
        return expected
    }

    @Test(arguments: ["none", "off", "no", "zlib", "gzip", "bz2", "bzip2", "zstd"])
    func `every name of an algorithm is known, quoted or not`(_ name: String) throws {
        for text in [name, "\"\(name)\""] {
            let configuration = try parse("backup:\n  compression_algorithm: \(text)\n")
            #expect(configuration.backup.compression == Compression(named: name))
        }
    }

    @Test(arguments: [
        ("colour: red", 1, "colour: unknown key"),
        ("auth: none\n\nbackup:\n  # a remark\n  chunk: 5", 5, "backup.chunk: unknown key"),
        ("repository:\n  s3: {}", 2, "repository.s3: unknown key (known here: posix)"),
        ("repository:\n  posix:\n    dir: /x", 3, "repository.posix.dir: unknown key"),
        ("? [a, b]\n: 1", 1, "?: unknown key"),
        ("auth: none\nauth: token", 1, "auth: the key appears more than once"),
        ("\nbackup:\n  max_running_jobs: 1\n  max_running_jobs: 2", 3, "backup.max_running_jobs: the key appears"),
        ("volumes: {directory: /v}\nvolumes:", 1, "volumes: the key appears more than once"),
        ("backup: {max_running_jobs: 1,\n max_running_jobs: 2}", 1, "max_running_jobs: the key appears more than once"),
        ("- a", 1, "(top): must be a mapping"),
        ("5", 1, "(top): must be a mapping"),
        ("\nbackup: 5", 2, "backup: must be a mapping"),
        ("listen: []", 1, "listen: needs at least one entry"),
        ("listen:", 1, "listen: must be a list"),
        ("listen: 127.0.0.1:8776", 1, "listen: must be a list"),
        ("listen:\n  - 127.0.0.1:1\n  -", 3, "listen[1]: must be a text"),
        ("listen:\n  - 127.0.0.1:1\n  - ''", 3, "listen[1]: must be a text"),
        ("listen: [here]", 1, "listen[0]: here is no address to listen on"),
        ("listen: [[a]]", 1, "listen[0]: must be a text"),
        ("listen: [\"a\\nb\"]", 1, "listen[0]: holds a control character"),
        ("listen:\n  - {access: read}", 2, "listen[0]: must be a mapping with an address"),
        ("listen:\n  - address: unix:/a\n    access: none", 3, "listen[0].access: none is not one of full, read"),
        ("listen:\n  - address: unix:/a\n    access: nothing", 3, "listen[0].access: nothing is not one of full, read"),
        (
            "listen:\n  - address: unix:/a\n    owner: root", 3,
            "listen[0].owner: unknown key (known here: address, access"
        ),
        ("listen:\n  - address: unix:/a\n    mode: 0o666", 3, "listen[0].mode: 0o666 is not a mode of three or four"),
        ("listen:\n  - address: unix:/a\n    mode: 4755", 3, "listen[0].mode: 4755 is not a mode"),
        ("listen:\n  - address: \"127.0.0.1:1\"\n    mode: 0660", 3, "listen[0].mode: mode is for unix sockets"),
        ("listen:\n  - address: \"127.0.0.1:1\"\n    group: a", 3, "listen[0].group: group is for unix sockets"),
        ("auth: none\nlisten: [\"0.0.0.0:1\"]", 2, "listen: 0.0.0.0:1 would let in everybody who reaches it"),
        ("listen: [{address: \"[::]:1\", access: read}]\nauth: none", 1, "listen: [::]:1 would let in everybody"),
        ("api:\n  allowed_hosts: [\"a:1\"]", 2, "api.allowed_hosts[0]: a:1 is not the name or address of a host"),
        ("api:\n  allowed_origins: [backups]", 2, "api.allowed_origins[0]: backups is not an origin"),
        ("api:\n  allowed_origins: [\"null\"]", 2, "api.allowed_origins[0]: null is not an origin"),
        ("api:\n  allowed_origins: [\"https://a/b\"]", 2, "api.allowed_origins[0]: https://a/b is not an origin"),
        ("backup:\n  minimum_age: -1", 2, "backup.minimum_age: -1 is not between 0 and 3153600000"),
        ("backup:\n  minimum_age: 7d", 2, "backup.minimum_age: must be a whole number"),
        ("audit_log:\n  path: a", 2, "audit_log.path: a is not an absolute path"),
        ("auth: password", 1, "auth: password is not one of token, none"),
        ("auth: ~", 1, "auth: must be a text"),
        ("state_directory: state", 1, "state_directory: state is not an absolute path"),
        ("state_directory: \"/a\\0b\"", 1, "state_directory: holds a control character"),
        ("repository:\n  posix: {path: ''}", 2, "repository.posix.path: must be a text"),
        ("volumes:\n  directory: {a: b}", 2, "volumes.directory: must be a text"),
        ("volumes:\n  allowed_paths:\n  - /a\n  - b", 4, "volumes.allowed_paths[1]: b is not an absolute path"),
        ("volumes:\n  allowed_paths: /a", 2, "volumes.allowed_paths: must be a list"),
        ("backup:\n  compression_algorithm: lz4", 2, "backup.compression_algorithm: lz4 is not one of none, off"),
        ("backup:\n  compression_level: 9", 2, "backup.compression_level: 9 is not one of fast, normal, best"),
        ("backup:\n  chunk_size_bytes: 16M", 2, "backup.chunk_size_bytes: must be a whole number"),
        ("backup:\n  chunk_size_bytes: '65536'", 2, "backup.chunk_size_bytes: must be a whole number"),
        ("backup:\n  chunk_size_bytes: 0x10000", 2, "backup.chunk_size_bytes: must be a whole number"),
        ("backup:\n  chunk_size_bytes: 010", 2, "backup.chunk_size_bytes: must be a whole number"),
        ("backup:\n  chunk_size_bytes: 1.0", 2, "backup.chunk_size_bytes: must be a whole number"),
        ("backup:\n  chunk_size_bytes: 0", 2, "backup.chunk_size_bytes: 0 is not between 1 and 2147483648"),
        ("backup:\n  chunk_size_bytes: -32768", 2, "backup.chunk_size_bytes: -32768 is not between"),
        (
            "backup:\n  chunk_size_bytes: 99999999999999999999", 2,
            "backup.chunk_size_bytes: 99999999999999999999 is not between"
        ),
        (
            "\nbackup:\n  chunk_size_bytes: 5", 3,
            "backup.chunk_size_bytes: 5 is not a multiple of sha_block_size_bytes (32768)"
        ),
        (
            "backup:\n  max_running_jobs: 1\n  sha_block_size_bytes: 1000", 3,
            "backup.chunk_size_bytes: 16777216 is not a multiple of sha_block_size_bytes (1000)"
        ),
        ("backup:\n  sha_block_size_bytes: 511", 2, "backup.sha_block_size_bytes: 511 is not between 512 and 67108864"),
        (
            "backup:\n  max_running_jobs: 2\n  memory_limit_bytes: 67108863", 3,
            "backup.memory_limit_bytes: 67108863 is too small for two chunks per running job; 67108864 would do"
        ),
        (
            "backup:\n  max_running_jobs: 9", 2,
            "backup.memory_limit_bytes: 268435456 is too small for two chunks per running job; 301989888 would do"
        ),
        ("backup:\n  max_running_jobs: 65", 2, "backup.max_running_jobs: 65 is not between 1 and 64"),
        ("backup:\n  max_running_jobs: 0", 2, "backup.max_running_jobs: 0 is not between 1 and 64"),
        ("backup:\n  max_waiting_jobs: 0", 2, "backup.max_waiting_jobs: 0 is not between 1 and 1000000"),
        ("progress_log:\n  path: p", 2, "progress_log.path: p is not an absolute path"),
        ("progress_log:\n  enable_timer: yes", 2, "progress_log.enable_timer: must be true or false"),
        ("progress_log:\n  timer_interval: 0.9", 2, "progress_log.timer_interval: 0.9 is not between 1 and 31536000"),
        ("progress_log:\n  timer_interval: .inf", 2, "progress_log.timer_interval: must be a number of seconds"),
        ("progress_log:\n  timer_interval: 2 min", 2, "progress_log.timer_interval: must be a number of seconds"),
        (
            "progress_log:\n  object_number_per_notification: 0", 2,
            "progress_log.object_number_per_notification: 0 is not between"
        ),
        ("listen: [a", 2, "did not find expected"),
        ("auth: none\n\tauth: token", 2, "found a tab character that violates indentation"),
        ("auth: *nobody", 1, "found undefined alias"),
        ("auth: none\n---\nauth: none", 2, "but found another document"),
    ])
    func `an error names the key and the line`(_ text: String, line: Int, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("c.yaml:\(line): \(message)"), "\(description)")
    }

    @Test func `the text reads back as the same configuration`() throws {
        var odd = Self.everythingRead
        odd.stateDirectory = "/a \"b\" \\ # : ümlaut\u{1f600}\u{a0}"
        odd.volumes.allowedPaths = ["/no", "/-", "/{", "/'"]
        odd.progressLog.timerInterval = .milliseconds(59_001)
        for configuration in [Configuration(), Self.everythingRead, odd] {
            #expect(try parse(configuration.yamlText) == configuration)
        }
    }

    @Test func `the text shows every key with its default`() {
        let text = Configuration().yamlText
        #expect(text.contains("\nlisten: [\"unix:/run/cinderblock/api.sock\", \"127.0.0.1:8776\"]\n"))
        #expect(text.contains("\n  chunk_size_bytes: 16777216\n"))
        #expect(text.contains("\n  timer_interval: 120\n"))
        #expect(text.contains("\n    path: /var/lib/cinderblock/backups\n"))
    }

    @Test func `a file is read, and one that cannot be is an error`() throws {
        let path = NSTemporaryDirectory() + "configuration-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: ConfigurationError.unreadable(file: path, reason: "No such file or directory")) {
            try Configuration.load(path)
        }
        try Self.everything.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try Configuration.load(path) == Self.everythingRead)
        try Data([0x61, 0xff, 0xfe]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ConfigurationError.unreadable(file: path, reason: "the file is not UTF-8 text")) {
            try Configuration.load(path)
        }
        #expect(throws: ConfigurationError.unreadable(file: "/", reason: "Is a directory")) {
            try Configuration.load("/")
        }
    }

    @Test(arguments: [
        "listen: [\"127.0.0.1:1\", \"127.9.9.9:1\", \"[::1]:1\", \"[::ffff:127.0.0.1]:1\", \"unix:/a\"]\nauth: none",
        "listen: [\"0.0.0.0:1\"]\nauth: none\nlisten_insecure: true", "listen: [\"0.0.0.0:1\"]",
    ])
    func `everybody is let in on this machine, or where an operator says so, or nowhere`(_ text: String) throws {
        #expect(try parse(text).listen.isEmpty == false)
    }

    @Test func `nesting without end is an error`() {
        for opening in ["[", "{a: ", "- "] {
            let text = String(repeating: opening, count: 100_000)
            #expect(throws: ConfigurationError.self) { try parse(text) }
        }
    }
}
