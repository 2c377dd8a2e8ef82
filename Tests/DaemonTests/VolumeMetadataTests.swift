// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

extension DaemonTests {
    /// The metadata of volumes: changed by themselves, filtered by, and brought back by restores.
    struct VolumeMetadataTests {
        @Test func `metadata are added, replaced and removed one by one`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let path = "/volumes/\(volume)/metadata"
            func metadata() throws -> JSONValue? { try daemon.request("GET", path).json[key: "metadata"] }

            #expect(try metadata() == [:])
            let added = try daemon.request("POST", path, ["metadata": ["a": "1", "b": "2"]])
            #expect(added.status == 200 && added.json[key: "metadata"] == ["a": "1", "b": "2"], "\(added)")
            _ = try daemon.request("POST", path, ["metadata": ["b": "3", "ü/x": ""]])
            #expect(try metadata() == ["a": "1", "b": "3", "ü/x": ""])
            #expect(try daemon.volume(volume)[key: "metadata"] == ["a": "1", "b": "3", "ü/x": ""])

            let item = try daemon.request("PUT", path + "/b", ["meta": ["b": "4"]])
            #expect(item.status == 200 && item.json[key: "meta"] == ["b": "4"], "\(item)")
            #expect(try daemon.request("GET", path + "/b").json[key: "meta"] == ["b": "4"])
            #expect(try daemon.request("PUT", path + "/b", ["meta": ["c": "4"]]).reason == "bad_value")
            #expect(try daemon.request("PUT", path + "/b", ["meta": ["b": "4", "c": "4"]]).reason == "bad_value")
            #expect(try daemon.request("DELETE", path + "/%C3%BC%2Fx").status == 200)
            #expect(try daemon.request("DELETE", path + "/nothing").reason == "metadata_not_found")
            #expect(try daemon.request("GET", path + "/nothing").status == 404)
            #expect(try metadata() == ["a": "1", "b": "4"])

            #expect(try daemon.request("PUT", path, ["metadata": ["z": "9"]]).json[key: "metadata"] == ["z": "9"])
            #expect(try metadata() == ["z": "9"])
            let nowhere = "/volumes/11111111-2222-4333-8444-555555555555/metadata"
            #expect(try daemon.request("POST", nowhere, ["metadata": ["a": "b"]]).reason == "volume_not_found")
            #expect(try daemon.list("/volumes?metadata=%7B'z':%20'9'%7D").count == 1)
            #expect(try daemon.list("/volumes?metadata=%7B'z':%20'8'%7D").isEmpty)
        }

        @Test func `a volume has no more metadata than its backups have room for`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let text = String(repeating: "x", count: 255)
            var last = try daemon.request("GET", "/volumes/\(volume)/metadata")
            for part in 0..<3 {
                let members = Dictionary(uniqueKeysWithValues: (0..<1500).map { ("\(part) \($0)", text) })
                last = try daemon.request("POST", "/volumes/\(volume)/metadata", ["metadata": JSONValue(members)])
            }
            #expect(last.status == 400 && last.reason == "too_long", "\(last.status)")
            let restored = try daemon.restore(daemon.backUp(volume))
            #expect(restored.text("status") == "available", "\(restored.text("fail_reason") ?? "")")
        }

        @Test func `a restored volume names the backup that its data came from`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let first = try daemon.backUp(volume)
            func source(_ volume: JSONValue) -> String? { volume[key: "metadata"]?.text("src_backup_id") }

            #expect(source(try daemon.restore(first, to: volume)) == nil, "it got its own data back")
            let copy = try daemon.restore(first)
            #expect(source(copy) == first)
            let second = try daemon.backUp(volume)
            #expect(source(try daemon.restore(second, to: DaemonFixture.id(copy))) == second)

            // The copy's own backups bring back what it was when they were made.
            let ofCopy = try daemon.backUp(DaemonFixture.id(copy))
            #expect(source(try daemon.restore(ofCopy)) == ofCopy)
            #expect(source(try daemon.restore(ofCopy, to: DaemonFixture.id(copy))) == ofCopy)

            let body: JSONValue = ["volume": ["size": 1, "backup_id": .string(first), "metadata": ["mine": "yes"]]]
            let answer = try daemon.request("POST", "/volumes", body)
            let made = try DaemonFixture.id(#require(answer.json[key: "volume"], "\(answer)"))
            let metadata = try daemon.wait(forVolume: made, toBe: "available")[key: "metadata"]
            #expect(metadata == ["mine": "yes", "src_backup_id": .string(first)])
        }
    }
}
