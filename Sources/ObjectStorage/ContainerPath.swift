// SPDX-License-Identifier: Apache-2.0

/// A container of a store in a directory: a path that stays below the repository's root.
package struct ContainerPath: Sendable, Equatable {
    package let components: [String]

    package var text: String { components.joined(separator: "/") }

    /// The container that is meant by `name`: a directory has many names (`a/b`, `a//b`, `./a/b/`), a container has
    /// one.
    /// - Throws: `StorageError.badContainerName`.
    package init(normalizing name: String) throws {
        let parts = name.split(separator: "/").filter { $0 != "." }
        // What is left of an absolute path would be a relative one.
        guard !parts.isEmpty, !name.hasPrefix("/") else {
            try self.init(name)
            return
        }
        try self.init(parts.joined(separator: "/"))
    }

    /// - Throws: `StorageError.badContainerName`.
    package init(_ name: String) throws {
        func refuse(_ reason: String) -> StorageError { .badContainerName(name, reason: reason) }
        guard !name.isEmpty else { throw refuse("it is empty") }
        guard name.utf8.count <= 1024 else { throw refuse("it is longer than 1024 bytes") }
        guard !name.hasPrefix("/") else { throw refuse("it is an absolute path") }
        components = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if components.first == RepositoryMarks.directoryName { throw refuse("the daemon keeps its own files there") }
        for component in components {
            if let reason = reasonToRefuse(pathComponent: component) { throw refuse(reason) }
        }
    }
}

/// Why this cannot be the name of one file or directory; nil when it can.
func reasonToRefuse(pathComponent name: String) -> String? {
    if name.isEmpty { return "a part of it is empty" }
    if name == "." || name == ".." { return "it holds \"\(name)\"" }
    if name.utf8.contains(0) { return "it holds a NUL" }
    if name.utf8.contains(UInt8(ascii: "/")) { return "it holds \"/\"" }
    if name.utf8.count > 255 { return "a part of it is longer than 255 bytes" }
    return nil
}
