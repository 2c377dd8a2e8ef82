// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Glibc
import ObjectStorage
import Posix
import SystemPackage
import TestSupport
import Testing

/// What an increment finds when it looks at the chain that it is to stand on.
struct DamagedChainTests {
    private let scratch: TemporaryDirectory
    private let repository: String
    private let store: PosixObjectStore
    private let chain: BackupChain

    /// A full backup and two increments, packed and not.
    init() throws {
        scratch = try TemporaryDirectory()
        repository = try scratch.directory("repository")
        store = try PosixObjectStore(path: repository)
        chain = try BackupChain(store)
        var random = SeededGenerator(seed: 33)
        var volume = SeededVolume(patterns: [.text, .noise, .zeros], of: 300_000, using: &random)
        for algorithm in [CompressionAlgorithm.zlib, .none, .bz2] {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"), Compression(algorithm))
            volume.change(.text, 40_000..<90_000, using: &random)
        }
    }

    private var layers: [LayerLocation] { chain.points.last?.layers ?? [] }

    private func damaged(_ store: (any ObjectStore)? = nil) throws -> [DamagedBackup] {
        try chain.continued(on: store ?? self.store).engine.damagedBackups(in: layers, control: JobControl())
    }

    private func path(_ name: String, of location: LayerLocation) -> String {
        "\(repository)/\(location.container)/\(name)"
    }

    private func names(of location: LayerLocation) throws -> [String] {
        var names: [String] = []
        try store.forEachName(in: location.container, beginningWith: "") { names.append($0) }
        return names.sorted()
    }

    @Test func `a whole chain is whole, and none of its data are read`() throws {
        let watched = FaultyObjectStore(store)
        #expect(try damaged(watched).isEmpty)
        let opened = try layers.flatMap(names).count
        // Where a store cannot tell a length otherwise, objects are opened; a metadata object takes a few reads.
        #expect(watched.operations.count { $0 == .open } <= opened + 1)
        #expect(watched.operations.count { $0 == .read } <= 3 * layers.count + 2)
        #expect(watched.operations.count { $0 == .list } == layers.count)
    }

    @Test func `whatever is lost is noticed, but for the digests of an ancestor`() throws {
        for location in layers {
            for name in try names(of: location) {
                let (file, hidden) = (path(name, of: location), scratch.path("hidden"))
                rename(file, hidden)
                defer { rename(hidden, file) }
                let isNeeded = name != location.names.sha256file || location == layers.last
                #expect(try damaged().map(\.id) == (isNeeded ? [location.backupID] : []), "\(name)")
            }
        }
        #expect(try damaged().isEmpty)
    }

    @Test func `a lost container is noticed, and all that are damaged are named, oldest first`() throws {
        for location in layers.prefix(2) {
            rename("\(repository)/\(location.container)", scratch.path(location.backupID.text))
        }
        let found = try damaged()
        #expect(found.map(\.id) == layers.prefix(2).map(\.backupID))
        #expect(found.allSatisfy { $0.reason.contains("_metadata") })
    }

    private enum Shape: CaseIterable { case empty, directory, link, fifo, longer, shorter }

    @Test(arguments: Shape.allCases)
    private func `an object of another shape is noticed`(_ shape: Shape) throws {
        for location in layers {
            // How long a packed object must be is known only where the metadata say.
            var known: Set = [location.names.metadata]
            _ = try chain.engine.readMetadata(location) { object in
                if object.compression == .none || object.storedLength != nil { known.insert(object.name) }
            }
            for name in try names(of: location) where name != location.names.sha256file {
                let (file, hidden) = (path(name, of: location), scratch.path("hidden"))
                rename(file, hidden)
                defer {
                    _ = try? Shell.run("rm", "-r", file)
                    rename(hidden, file)
                }
                switch shape {
                case .empty: _ = try OpenFile(file, O_WRONLY | O_CREAT)
                case .directory: mkdir(file, 0o700)
                case .link: symlink(hidden, file)
                case .fifo: mkfifo(file, 0o600)
                case .longer, .shorter:
                    try Shell.run("cp", hidden, file)
                    let change: Int64 = shape == .longer ? 1 : -1
                    let length = try FileStatus(of: file, followingLink: false).length
                    try OpenFile(file, O_WRONLY).truncate(to: length + change)
                }
                let isNoticed = shape != .longer && shape != .shorter || known.contains(name)
                #expect(try damaged().map(\.id) == (isNoticed ? [location.backupID] : []), "\(name)")
            }
        }
    }

    @Test(arguments: [-1, 0, 1])
    func `the stored length counts where the metadata give it`(_ difference: Int64) throws {
        let location = layers[0]
        var objects: [StoredObject] = []
        let metadata = try chain.engine.readMetadata(location) { objects.append($0) }
        let length = try FileStatus(of: path(objects[0].name, of: location), followingLink: false).length
        for index in objects.indices { objects[index].storedLength = index == 0 ? length + difference : nil }
        var text: [UInt8] = []
        try metadata.write(to: { text += $0 }) { put in for object in objects { try put(object) } }
        let file = try OpenFile(path(location.names.metadata, of: location), O_WRONLY | O_TRUNC)
        try text.withUnsafeBytes { try file.write($0, at: 0) }
        #expect(try damaged().map(\.id) == (difference == 0 ? [] : [location.backupID]))
    }

    @Test func `a stranger among the objects is noticed`() throws {
        let location = layers[1]
        _ = try OpenFile(path(location.names.data(99), of: location), O_WRONLY | O_CREAT)
        #expect(try damaged().map(\.id) == [location.backupID])
    }

    @Test func `a file or a link where a container was is damage`() throws {
        let container = "\(repository)/\(layers[0].container)"
        rename(container, scratch.path("moved"))
        _ = try OpenFile(container, O_WRONLY | O_CREAT)
        #expect(try damaged().map(\.id) == [layers[0].backupID])
        unlink(container)
        symlink(scratch.path("moved"), container)
        #expect(try damaged().map(\.id) == [layers[0].backupID])
    }

    @Test func `a list of digests that is none is damage of the parent`() throws {
        let parent = layers[2]
        for text in ["", "{}", "nonsense", #"{"version": "1.0.0", "chunk_size": 0, "sha256s": []}"#] {
            try Shell.run("sh", "-c", "printf '%s' '\(text)' > '\(path(parent.names.sha256file, of: parent))'")
            #expect(try damaged().map(\.id) == [parent.backupID], "\(text)")
        }
    }

    /// An error says nothing of what is behind it: a full backup on top of it would hide that the disk is dying.
    @Test(arguments: [EIO, ESTALE, ETIMEDOUT, EACCES, ENOMEM, EMFILE])
    func `an error of the store is no damage`(_ number: Int32) throws {
        let error = SystemCallError("read", "something", Errno(rawValue: number))
        for operation in [FaultyObjectStore.Operation.open, .read, .list, .listedName] {
            var errors = 0
            while errors < 1000 {
                let fault = FaultyObjectStore.Fault([operation], number: errors, error: error)
                let result = Result { try damaged(FaultyObjectStore(store, fault: fault)) }
                guard case .failure(let found) = result else {
                    // There are no more operations of this kind.
                    #expect(try result.get().isEmpty)
                    break
                }
                #expect(found as? SystemCallError == error)
                errors += 1
            }
            #expect((layers.count..<1000).contains(errors), "\(operation)")
        }
    }

    @Test func `a look that is not wanted any more ends`() throws {
        let control = JobControl(isAbandoned: { true })
        #expect(throws: EngineError.cancelled) {
            try chain.engine.damagedBackups(in: layers, control: control)
        }
    }
}
