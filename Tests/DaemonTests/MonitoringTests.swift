// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// What a monitoring system sees.
    struct MonitoringTests {
        @Test func `the age of the last good backup is told, also after a restart`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(3_000_000), name: "disk")
            let never = try daemon.register(.noise(1000), name: "never")
            let id = try daemon.backUp(volume)

            // The row is told first that the job has ended.
            #expect(try eventually { try daemon.metrics()[#"cinderblock_job_active{type="backup"}"#] == 0 })
            let first = try daemon.metrics()
            let success = try #require(first["cinderblock_backup_last_success_timestamp_seconds", volume])
            #expect(abs(success - Date().timeIntervalSince1970) < 3600)
            #expect(first["cinderblock_backup_last_success_timestamp_seconds", never] == nil)
            #expect(first["cinderblock_volume_created_timestamp_seconds", never] != nil)
            #expect(try #require(first["cinderblock_backup_last_attempt_timestamp_seconds", volume]) <= success)
            #expect(try #require(first["cinderblock_backup_last_duration_seconds", volume]) >= 0)
            #expect(first[#"cinderblock_backup_last_size_bytes{volume="\#(volume)",kind="source"}"#] == 3_000_000)
            let stored = try #require(try daemon.backup(id).double("stored_bytes"))
            #expect(first[#"cinderblock_backup_last_size_bytes{volume="\#(volume)",kind="stored"}"#] == stored)
            #expect(first["cinderblock_backup_failures_total", volume] == 0)
            #expect(first[#"cinderblock_backups{state="available"}"#] == 1)
            #expect(first[#"cinderblock_jobs_ended_total{type="backup",result="success"}"#] == 1)
            for type in ["backup", "restore", "deletion"] {
                #expect(first["cinderblock_job_active{type=\"\(type)\"}"] == 0)
                #expect(first["cinderblock_queue_length{type=\"\(type)\"}"] == 0)
            }
            // A third of the volume is a hole, of which whole chunks are not read.
            #expect(try #require(first["cinderblock_read_bytes_total"]) < 3_000_000)
            #expect(try #require(first["cinderblock_skipped_zero_bytes_total"]) > 900_000)
            #expect(first["cinderblock_written_bytes_total"] == stored)
            #expect(first["cinderblock_progress_log_dropped_lines_total"] == 0)
            #expect(first[#"cinderblock_http_requests_total{method="POST",route="/backups",code="202"}"#] == 1)
            #expect(try #require(first[#"cinderblock_repository_bytes{kind="free"}"#]) > 0)
            #expect(try #require(first["process_open_fds"]) > 5)

            try daemon.restart()
            let second = try daemon.metrics()
            #expect(second["cinderblock_backup_last_success_timestamp_seconds", volume] == success)
            #expect(second["cinderblock_written_bytes_total"] == 0)
            #expect(
                try #require(second["process_start_time_seconds"]) > #require(first["process_start_time_seconds"]))
        }

        @Test func `a backup that runs and one that waits are seen`() throws {
            var settings = DaemonSettings.slow
            settings.maxRunningJobs = 1
            let daemon = try DaemonFixture(settings)
            let slow = try daemon.register(.packable(12 << 20), name: "slow")
            let running = try daemon.startBackup(of: slow)
            let other = try daemon.register(.noise(1000), name: "other")
            let waiting = try daemon.startBackup(of: other)
            let isSeen = try eventually {
                let metrics = try daemon.metrics()
                return metrics[#"cinderblock_job_active{type="backup"}"#] == 1
                    && metrics[#"cinderblock_queue_length{type="backup"}"#] == 1
                    && metrics[#"cinderblock_backups{state="creating"}"#] == 2
            }
            #expect(isSeen)
            for id in [running, waiting] { #expect(try daemon.delete(id).status == 202) }
            for id in [running, waiting] { try daemon.waitUntilGone(id) }
        }

        @Test func `a failed backup is an attempt and a failure, and no success`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            // A file where the container is to be.
            try VolumeImage.noise(1).write(to: daemon.repository + "/taken")
            let id = try DaemonFixture.id(daemon.createBackup(of: volume, container: "taken"))
            try daemon.wait(for: id, toBe: "error")
            // An end is counted when it is in the catalog, which this may have seen first.
            #expect(try eventually { try daemon.metrics()["cinderblock_backup_failures_total", volume] == 1 })
            let metrics = try daemon.metrics()
            #expect(metrics["cinderblock_backup_last_success_timestamp_seconds", volume] == nil)
            #expect(metrics["cinderblock_backup_last_attempt_timestamp_seconds", volume] != nil)
            #expect(metrics[#"cinderblock_backups{state="error"}"#] == 1)
        }

        @Test func `the name of a volume ends no label`() throws {
            let daemon = try DaemonFixture()
            let path = daemon.imagePath("disk")
            try VolumeImage.noise(1000).write(to: path)
            let id = try daemon.register(path, name: "a\\b \"c\"\nd")
            let metrics = try daemon.metrics()
            #expect(metrics[#"cinderblock_volume_info{volume="\#(id)",name="a\\b \"c\"\nd"}"#] == 1)
        }

        @Test func `metrics want the token, the health checks do not`() throws {
            var settings = DaemonSettings()
            settings.tcpPort = 0
            let daemon = try DaemonFixture(settings)
            let port = try daemon.tcpPort()
            let token = try String(contentsOfFile: daemon.root.path("state/token"), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
            func get(_ target: String, _ headers: [(name: String, value: String)] = []) throws -> RawHTTPResponse {
                try RawHTTPClient(.tcp(host: "127.0.0.1", port: port)).request("GET", target, headers: headers)
            }
            #expect(try get("/metrics").status == 401)
            let scrape = try get("/metrics", [("Authorization", "Bearer " + token)])
            #expect(scrape.status == 200)
            #expect(scrape["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try get("/healthz").status == 200)
            #expect(try get("/readyz").status == 200)
        }

        @Test func `without its repository the daemon is alive and not ready, and tells strangers no path`() throws {
            let daemon = try DaemonFixture()
            #expect(try daemon.request("GET", "/readyz").json == ["status": "ready"])
            let away = daemon.root.path("away")
            try FileManager.default.moveItem(atPath: daemon.repository, toPath: away)
            try expectNotReady(daemon)
            try FileManager.default.createDirectory(atPath: daemon.repository, withIntermediateDirectories: false)
            try expectNotReady(daemon)
            try FileManager.default.removeItem(atPath: daemon.repository)
            try FileManager.default.moveItem(atPath: away, toPath: daemon.repository)
            #expect(try daemon.request("GET", "/readyz").status == 200)
        }

        private func expectNotReady(_ daemon: DaemonFixture) throws {
            let answer = try daemon.request("GET", "/readyz")
            #expect(answer.status == 503)
            #expect(answer.reason == "not_ready")
            #expect(answer.message == "The repository cannot be used.")
            #expect(daemon.log.contains(daemon.repository), "the log says more")
            #expect(try daemon.request("GET", "/healthz").status == 200)
            #expect(try daemon.metrics()[#"cinderblock_repository_bytes{kind="free"}"#] == nil)
        }

        @Test func `lines that the progress log loses are counted`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            try FileManager.default.createDirectory(
                atPath: daemon.progressLogPath, withIntermediateDirectories: false)
            _ = try daemon.backUp(volume)
            let isCounted = try eventually {
                try daemon.metrics()["cinderblock_progress_log_dropped_lines_total"] ?? 0 >= 2
            }
            #expect(isCounted)
        }
    }
}

/// What `GET /metrics` has answered: a value for each name with its labels, as written.
struct Scrape {
    let values: [String: Double]

    subscript(name: String) -> Double? { values[name] }

    subscript(name: String, volume: String) -> Double? { values["\(name){volume=\"\(volume)\"}"] }
}

extension DaemonFixture {
    func metrics() throws -> Scrape {
        let response = try client().request("GET", "/metrics")
        guard response.status == 200 else { throw Unexpected("GET /metrics was answered by \(response.text)") }
        var values: [String: Double] = [:]
        for line in response.text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]) else {
                throw Unexpected("no sample: \(line)")
            }
            values[String(line[..<blank])] = value
        }
        return Scrape(values: values)
    }
}
