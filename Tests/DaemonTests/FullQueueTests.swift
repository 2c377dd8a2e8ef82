// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix
import Synchronization
import TestSupport
import Testing

extension DaemonTests {
    /// As many jobs as may wait.
    struct FullQueueTests {
        private static let places = 1000
        private static let limitBytes = 192 << 20

        /// 4 KiB.
        private static let metadata = JSONValue.object(
            (0..<16).map { .init("key \($0)", .string(String(repeating: "x", count: 250))) })

        @Test func `a full queue and its lists stay within their memory, and one job more is 429`() throws {
            var settings = DaemonSettings.slow
            settings.memoryLimitBytes = 8 << 20
            let daemon = try DaemonFixture(settings)
            let running = try daemon.startBackup(of: try daemon.register(.packable(384 << 20), name: "slow"))
            #expect(try eventually { try daemon.backup(running)[key: "progress"]?.text("phase") != "queued" })

            let statuses = try Self.fillQueue(of: daemon)
            #expect(statuses == [202: Self.places])
            #expect(try daemon.metrics()[#"cinderblock_queue_length{type="backup"}"#] == Double(Self.places))

            let more = try daemon.request("POST", "/volumes", ["volume": ["size": 1]])
            let volume = try DaemonFixture.id(try #require(more.json[key: "volume"]))
            let refused = try daemon.client().request(
                "POST", "/backups", headers: [("Content-Type", "application/json")],
                body: DaemonFixture.backupRequest(of: volume).utf8)
            #expect(refused.status == 429)
            #expect(refused["Retry-After"] != nil)
            #expect(try daemon.volume(volume).text("status") == "available")

            let counts = try Self.listAtOnce(daemon, 8)
            #expect(counts == Array(repeating: Self.places, count: 8))
            let peak = daemon.peakResidentBytes
            print("peak \(peak >> 20) MiB of \(Self.limitBytes >> 20) MiB")
            #expect(peak > 0 && peak <= Self.limitBytes, "peak \(peak >> 20) MiB")

            // Room for one.
            let waiting = try #require(try daemon.list("/backups?limit=1&sort=created_at:desc").first)
            #expect(try daemon.delete(DaemonFixture.id(waiting)).status == 202)
            _ = try daemon.startBackup(of: volume)
            #expect(try daemon.delete(running).status == 202)
        }

        /// How often each status was the answer.
        private static func fillQueue(of daemon: DaemonFixture) throws -> [Int: Int] {
            let statuses = Mutex<[Int: Int]>([:])
            let address = daemon.address
            let threads = Threads(4) { _ in
                guard let client = try? RawHTTPClient(address) else { return }
                for _ in 0..<places / 4 {
                    let status = (try? createBackup(with: client)) ?? -1
                    statuses.withLock { $0[status, default: 0] += 1 }
                }
            }
            #expect(threads.end(within: DaemonFixture.patience))
            return statuses.withLock { $0 }
        }

        private static func createBackup(with client: RawHTTPClient) throws -> Int {
            let headers = [(name: "Content-Type", value: "application/json")]
            let new: JSONValue = ["volume": ["size": 1]]
            let volume = try client.request("POST", "/volumes", headers: headers, body: new.utf8)
            let id = try JSONValue(parsing: volume.body)[key: "volume"]?.text("id")
            let backup: JSONValue = ["backup": ["volume_id": JSONValue(id), "metadata": metadata]]
            return try client.request("POST", "/backups", headers: headers, body: backup.utf8).status
        }

        /// How many backups each of so many lists has.
        private static func listAtOnce(_ daemon: DaemonFixture, _ count: Int) throws -> [Int] {
            let found = Mutex<[Int]>([])
            let address = daemon.address
            let threads = Threads(count) { _ in
                let response = try? RawHTTPClient(address, timeout: .seconds(60)).request("GET", "/backups/detail")
                let list = response.flatMap { try? JSONValue(parsing: $0.body) }
                found.withLock { $0.append(list?.list("backups").count ?? -1) }
            }
            #expect(threads.end(within: DaemonFixture.patience))
            return found.withLock { $0 }
        }
    }
}
