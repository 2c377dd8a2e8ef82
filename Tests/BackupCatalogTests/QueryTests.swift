// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

struct QueryTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    /// Backups with ties and gaps in every column, in no order.
    private func addAssortedBackups() throws -> [BackupRecord] {
        var generator = SeededGenerator(seed: 11)
        let volumes = [ResourceID.random(), .random()]
        return try (0..<40).map { index in
            let created = Timestamp(microseconds: .random(in: 0..<10, using: &generator))
            var record = BackupRecord(
                id: .random(using: &generator), volumeID: volumes[index % 2], status: .available,
                sizeGiB: .random(in: 1...3, using: &generator), createdAt: created)
            record.name = [nil, "alpha", "beta"].randomElement(using: &generator) ?? nil
            record.container = [nil, "c", "d"].randomElement(using: &generator) ?? nil
            record.updatedAt = Bool.random(using: &generator) ? created : nil
            record.prefix = "prefix \(index)"
            record.userID = index < 10 ? "u" : "v"
            record.projectID = index < 20 ? "p" : "q"
            record.objectCount = index % 3
            try catalog.importBackup(record)
            if index % 7 == 0 { try catalog.resetBackupStatus(record.id, to: .error) }
            return try catalog.backup(record.id)
        }
    }

    @Test func `the newest come first`() throws {
        let records = try addAssortedBackups()
        let expected = records.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        #expect(try catalog.backups().map(\.record) == expected)
    }

    @Test func `every filter leaves out what does not fit`() throws {
        let records = try addAssortedBackups()
        func found(_ change: (inout BackupQuery) -> Void) throws -> Set<ResourceID> {
            var query = BackupQuery()
            change(&query)
            let found = try catalog.backups(query).map(\.record.id)
            #expect(try catalog.backupCount(query) == found.count)
            return Set(found)
        }
        func expected(_ fits: (BackupRecord) -> Bool) -> Set<ResourceID> { Set(records.filter(fits).map(\.id)) }

        #expect(try found { $0.name = "alpha" } == expected { $0.name == "alpha" })
        #expect(try found { $0.nameContains = "et" } == expected { $0.name == "beta" })
        #expect(try found { $0.nameContains = "%" } == [])
        #expect(try found { $0.status = .error } == expected { $0.status == .error })
        #expect(try found { $0.userID = "u" } == expected { $0.userID == "u" })
        #expect(try found { $0.projectID = "p" } == expected { $0.projectID == "p" })
        let volumeID = records[0].volumeID
        #expect(try found { $0.volumeID = volumeID } == expected { $0.volumeID == volumeID })
        let both = try found {
            $0.volumeID = volumeID
            $0.name = "beta"
        }
        #expect(both == expected { $0.volumeID == volumeID && $0.name == "beta" })
    }

    @Test func `pages put together are the whole list, in every order`() throws {
        _ = try addAssortedBackups()
        for key in BackupQuery.Key.allCases {
            for ascending in [true, false] {
                var query = BackupQuery()
                query.sort = [Sorting(key, ascending: ascending), Sorting(.displayName, ascending: !ascending)]
                let whole = try catalog.backups(query).map(\.record.id)
                #expect(Set(whole).count == 40)
                query.limit = 7
                #expect(try pages(of: query) == whole, "\(key.rawValue)")
                #expect(try catalog.backupCount(query) == 40)
            }
        }
    }

    private func pages(of query: BackupQuery) throws -> [ResourceID] {
        var query = query
        var pages: [ResourceID] = []
        while true {
            query.marker = pages.last
            let page = try catalog.backups(query).map(\.record.id)
            if page.isEmpty { return pages }
            pages += page
        }
    }

    @Test func `a marker need not fit the filter, and may be deleted`() throws {
        let volume = try fixture.addVolume()
        let records = try (0..<3).map { _ in try fixture.addBackup(of: volume.id) }
        try catalog.resetBackupStatus(records[1].id, to: .error)
        var query = BackupQuery()
        query.status = .available
        query.marker = records[1].id
        #expect(try catalog.backups(query).map(\.record.id) == [records[0].id])
        _ = try catalog.requestDeletion(records[1].id)
        try catalog.finishDeletion(records[1].id)
        #expect(try catalog.backups(query).map(\.record.id) == [records[0].id])
        query.marker = .random()
        #expect(throws: CatalogError.self) { try catalog.backups(query) }
    }

    @Test func `limit and offset cut the list`() throws {
        let whole = try addAssortedBackups().sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        var query = BackupQuery()
        query.offset = 38
        #expect(try catalog.backups(query).map(\.record) == Array(whole.suffix(2)))
        query.offset = .max
        #expect(try catalog.backups(query).isEmpty)
        query.offset = 0
        query.limit = 0
        #expect(try catalog.backups(query).isEmpty)
    }

    @Test func `a list knows the children of each backup`() throws {
        let volume = try fixture.addVolume()
        let parent = try fixture.addBackup(of: volume.id)
        let child = try fixture.addBackup(of: volume.id, parent: parent.id)
        let failed = try fixture.addBackup(of: volume.id, parent: parent.id)
        try catalog.resetBackupStatus(failed.id, to: .error)
        try catalog.noteNoMetadata(failed.id)
        let listed = try catalog.backups()
        #expect(listed.map(\.record.id) == [failed.id, child.id, parent.id])
        #expect(listed.map(\.childCount) == [0, 0, 1])
        #expect(listed.map(\.hasDependents) == [false, false, true])
    }

    @Test(arguments: VolumeQuery.Key.allCases)
    func `volumes are filtered, sorted and paged`(_ key: VolumeQuery.Key) throws {
        for index in 0..<9 {
            var volume = fixture.newVolume()
            volume.name = index % 2 == 0 ? "even" : nil
            volume.sizeBytes = Int64(index % 3)
            volume.status = index % 4 == 0 ? .errorRestoring : .available
            try catalog.insert(volume)
        }
        var query = VolumeQuery()
        query.name = "even"
        query.status = .available
        #expect(try catalog.volumeCount(query) == 2)
        query = VolumeQuery()
        query.sort = [Sorting(key, ascending: true)]
        let whole = try catalog.volumes(query).map(\.id)
        query.marker = whole[3]
        query.limit = 3
        #expect(try catalog.volumes(query).map(\.id) == Array(whole[4..<7]))
        query.marker = .random()
        #expect(throws: CatalogError.self) { try catalog.volumes(query) }
    }

    @Test func `volumes are found by each of their properties`() throws {
        let base = Timestamp(microseconds: 1_000_000_000_000)
        let volumes = try (0..<8).map { index in
            var volume = VolumeRecord(
                id: .random(), source: "/volumes/\(index)", sizeBytes: [0, 1, 1 << 30, (1 << 30) + 1][index % 4],
                isOwned: false, createdAt: Timestamp(microseconds: base.microseconds + Int64(index)))
            volume.isBootable = index % 2 == 0
            volume.host = index < 4 ? "h" : nil
            volume.volumeType = index < 3 ? "t" : "u"
            volume.availabilityZone = index == 5 ? "z" : nil
            volume.userMetadata = index < 6 ? ["k": "v\(index % 3)", "$.\"x": "é"] : [:]
            volume.imageMetadata = index == 7 ? ["os": "linux"] : [:]
            try catalog.insert(volume)
            return volume
        }
        func expect(_ change: (inout VolumeQuery) -> Void, finds fits: (VolumeRecord) -> Bool) throws {
            var query = VolumeQuery()
            change(&query)
            let found = try catalog.volumes(query).map(\.id)
            #expect(Set(found) == Set(volumes.filter(fits).map(\.id)))
            #expect(!found.isEmpty && found.count < 8)
            #expect(try catalog.volumeCount(query) == found.count)
        }
        try expect({ $0.id = volumes[2].id }, finds: { $0.id == volumes[2].id })
        try expect({ $0.isBootable = true }, finds: \.isBootable)
        try expect({ $0.isBootable = false }, finds: { !$0.isBootable })
        try expect({ $0.sizeGiB = 1 }, finds: { $0.sizeGiB == 1 })
        try expect({ $0.sizeGiB = 2 }, finds: { $0.sizeGiB == 2 })
        try expect({ $0.host = "h" }, finds: { $0.host == "h" })
        try expect({ $0.volumeType = "u" }, finds: { $0.volumeType == "u" })
        try expect({ $0.availabilityZone = "z" }, finds: { $0.availabilityZone == "z" })
        try expect({ $0.userMetadata = ["k": "v1"] }, finds: { $0.userMetadata["k"] == "v1" })
        try expect({ $0.userMetadata = ["k": "v1", "$.\"x": "é"] }, finds: { $0.userMetadata["k"] == "v1" })
        try expect({ $0.imageMetadata = ["os": "linux"] }, finds: { !$0.imageMetadata.isEmpty })
        let middle = volumes[3].createdAt
        try expect({ $0.createdAt = [.init(.gt, middle)] }, finds: { $0.createdAt > middle })
        try expect({ $0.createdAt = [.init(.gte, middle)] }, finds: { $0.createdAt >= middle })
        try expect({ $0.createdAt = [.init(.lt, middle)] }, finds: { $0.createdAt < middle })
        try expect({ $0.createdAt = [.init(.lte, middle)] }, finds: { $0.createdAt <= middle })
        try expect({ $0.createdAt = [.init(.eq, middle)] }, finds: { $0.createdAt == middle })
        try expect(
            { $0.createdAt = [.init(.neq, middle), .init(.neq, base)] },
            finds: { ![middle, base].contains($0.createdAt) })
        var none = VolumeQuery()
        none.userMetadata = ["k": "v1", "os": "linux"]
        #expect(try catalog.volumes(none).isEmpty)
    }
}
