// SPDX-License-Identifier: Apache-2.0
import Posix
import TestSupport
import Testing

@testable import BackupService

struct VolumePathTests {
    @Test(arguments: [
        ("/dev/vg0/db", "/dev/vg0", "db"),
        ("/db", "/", "db"),
        ("/srv/..images/...", "/srv/..images", "..."),
        ("/srv/e\u{301}/\u{301}x", "/srv/e\u{301}", "\u{301}x"),
    ])
    func `a path is a directory and a name`(_ text: String, directory: String, name: String) throws {
        let path = try SourcePath(text)
        #expect(path.directory.utf8.elementsEqual(directory.utf8) && path.name.utf8.elementsEqual(name.utf8))
    }

    @Test(arguments: [
        ("", "absolute"), ("db", "absolute"), ("./db", "absolute"), ("/", "empty"), ("//db", "empty"),
        ("/srv/", "empty"), ("/srv//db", "empty"), ("/srv/./db", "\".\""), ("/srv/../db", "\"..\""),
        ("/srv/..", "\"..\""), ("/srv/db\0.img", "NUL"), ("\u{301}/db", "absolute"),
    ])
    func `a path that is not plain is refused and told why`(_ text: String, why: String) {
        let error = #expect(throws: ServiceError.self) { try SourcePath(text) }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains(why))
    }

    @Test(arguments: [
        ("/srv/images", "/srv/images", true), ("/srv/images/a/b", "/srv/images", true),
        ("/srv/images2", "/srv/images", false), ("/srv", "/srv/images", false),
        ("/anything", "/", true), ("/", "/", true),
        ("/srv/e\u{301}", "/srv/\u{e9}", false), ("/srv/images/\u{301}x", "/srv/images", true),
    ])
    func `paths are compared component by component, as bytes`(_ path: String, root: String, expected: Bool) {
        #expect(isPath(path, under: root) == expected)
    }

    @Test func `a file under an allowed path or in the volumes directory is found, with its length`() throws {
        let machine = try VolumeFixture()
        for name in ["images/a.img", "volumes/b.img"] {
            let path = try machine.file(name, bytes: 12345)
            #expect(
                try machine.access.resolve(source: path) == ResolvedSource(path: path, device: nil, sizeBytes: 12345))
        }
    }

    @Test func `what lies elsewhere is not allowed`() throws {
        let machine = try VolumeFixture()
        _ = try machine.temporary.directory("images2")
        for name in ["outside/a.img", "images2/a.img", "a.img"] {
            let path = try machine.file(name)
            #expect(
                throws: ServiceError.pathNotAllowed(path, allowed: [machine.path("volumes"), machine.path("images")])
            ) { try machine.access.resolve(source: path) }
        }
    }

    @Test func `a link to a directory counts as where it leads`() throws {
        let machine = try VolumeFixture()
        try machine.file("images/a.img")
        try machine.file("outside/a.img")
        try machine.link("outside/in", to: machine.path("images"))
        try machine.link("images/out", to: machine.path("outside"))
        let inside = try machine.access.resolve(source: machine.path("outside/in/a.img"))
        #expect(inside.path == machine.path("images/a.img"))
        #expect(throws: ServiceError.self) { try machine.access.resolve(source: machine.path("images/out/a.img")) }
    }

    @Test func `an allowed path may be a link, and may not exist yet`() throws {
        let machine = try VolumeFixture()
        let access = VolumeAccess(directory: machine.path("volumes"), allowedPaths: [machine.path("later")])
        let path = try machine.file("outside/a.img")
        #expect(throws: ServiceError.self) { try access.resolve(source: path) }
        try machine.link("later", to: machine.path("outside"))
        #expect(try access.resolve(source: machine.path("later/a.img")).path == path)
    }

    @Test func `what is no volume is refused and told why`() throws {
        let machine = try VolumeFixture(allowing: ["/dev"])
        try machine.file("images/a.img")
        let link = try machine.link("images/link", to: "a.img")
        let loose = try machine.link("images/loose", to: "nowhere")
        let circle = try machine.link("images/circle", to: "circle")
        let toCharacters = try machine.link("images/null", to: "/dev/null")
        let fifo = try machine.fifo("images/fifo")
        let directory = try machine.temporary.directory("images/directory")
        for (path, why) in [
            (link, "it is a link"), (loose, "No such file"), (circle, "symbolic links"), (toCharacters, "it is a link"),
            (fifo, "neither"), ("/dev/null", "neither"), (directory, "it is a directory"),
            (machine.path("images/none"), "No such file"), (machine.path("images/a.img/b"), "Not a directory"),
            (machine.path("images/" + String(repeating: "x", count: 300)), "name too long"),
        ] {
            let error = #expect(throws: ServiceError.self) { try machine.access.resolve(source: path) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains(why), "\(path): \(text)")
        }
    }
}
