// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct ListingTests {
    private func backups(_ query: String, version: String = "3.71") throws -> Listing<BackupQuery> {
        let request = try Request.sample("GET /backups/detail?\(query)").with(
            "OpenStack-API-Version", "volume \(version)")
        guard case .listBackups(let listing) = try APICall(request) else { throw Unexpected() }
        return listing
    }

    private func volumes(_ query: String) throws -> Listing<VolumeQuery> {
        let request = try Request.sample("GET /volumes/detail?\(query)").with("OpenStack-API-Version", "volume 3.71")
        guard case .listVolumes(let listing) = try APICall(request) else { throw Unexpected() }
        return listing
    }

    private struct Unexpected: Error {}

    @Test func `without parameters everything is listed`() throws {
        var query = BackupQuery()
        query.limit = 1000
        #expect(try backups("") == Listing(query: query, pageSize: 1000, withDetails: true, withCount: false))
        #expect(
            try APICall(.sample("GET /backups"))
                == .listBackups(
                    Listing(query: query, pageSize: 1000, withDetails: false, withCount: false)))
    }

    @Test func `what the clients ask is understood`() throws {
        let listing = try backups(
            "all_tenants=1&name=N&status=Available&user_id=u&volume_id=\(volumeID)&with_count=True&project_id=p"
                + "&limit=2&marker=\(backupID)&offset=3&sort=created_at%3Adesc%2Cdisplay_name,name%3Aasc")
        var query = BackupQuery()
        query.name = "N"
        query.status = .available
        query.userID = "u"
        query.projectID = "p"
        query.volumeID = try id(volumeID)
        query.limit = 2
        query.marker = try id(backupID)
        query.offset = 3
        query.sort = [
            Sorting(.createdAt, ascending: false), Sorting(.displayName, ascending: false),
            Sorting(.displayName, ascending: true),
        ]
        #expect(listing == Listing(query: query, pageSize: 2, withDetails: true, withCount: true))
        #expect(try backups("name~=ight").query?.nameContains == "ight")
        #expect(try backups("all_tenants=False").withCount == false)
    }

    @Test func `keys and directions may have blanks around them`() throws {
        let expected = [Sorting(BackupQuery.Key.size, ascending: false), Sorting(.displayName, ascending: true)]
        #expect(try backups("sort=size:,%20name%20:%20asc").query?.sort == expected)
        #expect(try backups("sort_key=%20size&sort_dir=desc%20").query?.sort == [expected[0]])
    }

    @Test func `the older sort parameters pair up`() throws {
        #expect(try backups("sort_key=size&sort_dir=asc").query?.sort == [Sorting(.size, ascending: true)])
        #expect(try backups("sort_key=size").query?.sort == [Sorting(.size, ascending: false)])
        #expect(try backups("sort_dir=asc").query?.sort == [Sorting(.createdAt, ascending: true)])
        #expect(
            try backups("sort_key=size&sort_key=id&sort_dir=asc").query?.sort
                == [Sorting(.size, ascending: true), Sorting(.id, ascending: true)])
    }

    @Test(arguments: [("limit=0", 0), ("limit=1000", 1000), ("limit=1001", 1000), ("limit=99999999999999999999", 1000)])
    func `a page has at most a thousand`(query: String, expected: Int) throws {
        #expect(try backups(query).pageSize == expected)
        #expect(try backups(query).query?.limit == expected)
    }

    @Test(arguments: ["status=fine", "volume_id=db", "status="])
    func `what no backup can have finds none`(query: String) throws {
        #expect(try backups(query).query == nil)
    }

    @Test func `volumes are listed likewise`() throws {
        var query = VolumeQuery()
        query.name = "N"
        query.status = .errorRestoring
        query.limit = 5
        query.sort = [Sorting(.size, ascending: true)]
        let listing = try volumes("name=N&status=error_restoring&limit=5&sort=size:asc&all_tenants=1")
        #expect(listing == Listing(query: query, pageSize: 5, withDetails: true, withCount: false))
        #expect(try volumes("status=attaching").query == nil)
    }

    @Test func `volumes are found by what the clients filter by`() throws {
        let all = try volumes(
            "id=\(volumeID)&bootable=True&size=3&host=h&volume_type=t&availability_zone=z&metadata=%7B'k':%20'v'%7D"
                + "&glance_metadata=%7B%22a%22:%22b%22%7D&created_at=gt:2020-01-01T00:00:00,lte:2021-01-01T00:00:00Z"
                + "&updated_at=2022-01-01T00:00:00")
        var query = VolumeQuery()
        query.id = try id(volumeID)
        (query.isBootable, query.sizeGiB) = (true, 3)
        (query.host, query.volumeType, query.availabilityZone) = ("h", "t", "z")
        (query.userMetadata, query.imageMetadata) = (["k": "v"], ["a": "b"])
        func time(_ year: Int) throws -> Timestamp { try #require(Timestamp("\(year)-01-01T00:00:00")) }
        query.createdAt = [.init(.gt, try time(2020)), .init(.lte, try time(2021))]
        query.updatedAt = [.init(.eq, try time(2022))]
        query.limit = 1000
        #expect(all == Listing(query: query, pageSize: 1000, withDetails: true, withCount: false))
    }

    @Test func `what is the same of all volumes finds all or none`() throws {
        let owner = BackupRecord.ownerID
        for found in ["user_id=\(owner)", "project_id=\(owner)&all_tenants=1", "consumes_quota=Yes"] {
            #expect(try volumes(found).query != nil, "\(found)")
        }
        for empty in [
            "user_id=x", "project_id=x", "consumes_quota=false", "migration_status=x", "group_id=\(volumeID)", "id=x",
        ] {
            #expect(try volumes(empty).query == nil, "\(empty)")
        }
    }

    @Test(arguments: [
        ("bootable=maybe", "bootable"), ("metadata=k", "metadata"), ("metadata=%7B'k':5%7D", "metadata"),
        ("created_at=yesterday", "created_at"), ("created_at=gt:", "created_at"), ("updated_at=", "updated_at"),
        ("updated_at=near:2020-01-01T00:00:00", "updated_at"), ("created_at=gt:2020-01-01T00:00:00,", "created_at"),
    ])
    func `a filter of volumes names what is wrong`(query: String, name: String) {
        #expect("\(query)") { try volumes(query) } throws: {
            let fault = Fault($0)
            return fault.reason == "bad_parameter" && fault.message.contains("\"\(name)\"")
        }
    }

    @Test(arguments: [
        ("limit=-1", "bad_parameter", "limit"), ("limit=x", "bad_parameter", "limit"),
        ("limit=", "bad_parameter", "limit"),
        ("limit=1.5", "bad_parameter", "limit"), ("limit=1&limit=2", "repeated_parameter", "limit"),
        ("offset=-1", "bad_parameter", "offset"), ("offset=2147483648", "bad_parameter", "offset"),
        ("offset=99999999999999999999", "bad_parameter", "offset"), ("sort=colour", "bad_parameter", "sort"),
        ("sort=size:up", "bad_parameter", "sort"), ("sort=", "bad_parameter", "sort"),
        ("sort=id,,size", "bad_parameter", "sort"),
        ("sort=id&sort_key=size", "bad_parameter", "sort"), ("sort_key=colour", "bad_parameter", "sort_key"),
        ("sort_key=id&sort_dir=up", "bad_parameter", "sort_dir"),
        ("sort_key=id&sort_dir=asc&sort_dir=asc", "bad_parameter", "sort_dir"),
        ("with_count=maybe", "bad_parameter", "with_count"), ("all_tenants=maybe", "bad_parameter", "all_tenants"),
        ("name=a&name=b", "repeated_parameter", "name"), ("colour=red", "unknown_parameter", "colour"),
        ("status~=a", "unknown_parameter", "status~"),
    ])
    func `a query names what is wrong`(query: String, reason: String, name: String) {
        #expect("\(query)") { try backups(query) } throws: {
            let fault = Fault($0)
            return fault.status == 400 && fault.reason == reason && fault.message.contains("\"\(name)\"")
        }
    }

    @Test func `an unknown marker is not found`() {
        #expect { try backups("marker=last") } throws: { Fault($0).reason == "backup_not_found" }
        #expect { try volumes("marker=last") } throws: { Fault($0).reason == "volume_not_found" }
    }

    /// Who asks for no version gets all there is: `curl` needs no header.
    @Test(arguments: [
        ("name~=ight", "3.34", "3.33"), ("sort=name:asc", "3.37", "3.36"), ("sort_key=name", "3.37", "3.0"),
        ("with_count=true", "3.45", "3.44"),
    ])
    func `parameters are known from a version on`(query: String, first: String, before: String) throws {
        #expect(throws: Never.self) { try backups(query, version: first) }
        #expect { try backups(query, version: before) } throws: { Fault($0).status == 400 }
        guard case .listBackups(let listing) = try APICall(.sample("GET /backups/detail?\(query)")) else {
            throw Unexpected()
        }
        #expect(try listing == backups(query))
    }

    @Test func `below 3.31 parameters of later versions are dropped`() throws {
        #expect(try backups("name~=ight", version: "3.30").query?.nameContains == nil)
        #expect(try backups("with_count=true", version: "3.30").withCount == false)
        #expect(throws: APIError.self) { try backups("sort=name", version: "3.30") }
    }

    @Test func `unknown filters were dropped before 3.31`() throws {
        #expect(throws: Never.self) { try backups("colour=red", version: "3.30") }
        #expect(throws: APIError.self) { try backups("colour=red", version: "3.31") }
        #expect(throws: Never.self) { try APICall(.sample("GET /backups?colour=red")) }
    }
}
