// SPDX-License-Identifier: Apache-2.0

/// The path of a volume as a client names it, taken apart: the directory, which is checked, and the name in it.
///
/// Paths are bytes to the kernel. As `String`s, `é` equals `e` with an accent after it, and a `/` with an accent is no
/// `/`; so everything here looks at the UTF-8.
struct SourcePath: Equatable {
    let directory: String
    let name: String

    /// - Throws: `ServiceError.badSource`
    init(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/") else { throw Self.refusal(text, "the path must be absolute") }
        guard !bytes.contains(0) else { throw Self.refusal(text, "a path cannot hold a NUL") }
        let components = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for component in components {
            let isDots = component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8)
            guard !component.isEmpty, !isDots else {
                throw Self.refusal(text, "no part of the path may be empty, \".\" or \"..\"")
            }
        }
        let name = components[components.endIndex - 1]
        self.name = String(decoding: name, as: UTF8.self)
        directory = name.startIndex == 1 ? "/" : String(decoding: bytes[..<(name.startIndex - 1)], as: UTF8.self)
    }

    private static func refusal(_ text: String, _ reason: String) -> ServiceError { .badSource(text, reason: reason) }
}
