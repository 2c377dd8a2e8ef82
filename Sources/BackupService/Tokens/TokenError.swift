// SPDX-License-Identifier: Apache-2.0

/// Why a file is not taken for one that keeps a token.
package enum TokenError: Error, Equatable, CustomStringConvertible {
    case notPrivate(path: String, mode: UInt32)
    case tooShort(path: String, characters: Int, least: Int)
    case tooLong(path: String, most: Int)
    case notVisibleASCII(path: String)
    case bothTheSame(path: String, other: String)
    case link(path: String)

    package var description: String {
        switch self {
        case .notPrivate(let path, let mode):
            "the token \(path) is open to others than its owner (mode 0\(String(mode, radix: 8))): chmod 600, and "
                + "rotate it if somebody may have read it"
        case .tooShort(let path, let characters, let least):
            "the token \(path) has \(characters) characters, but needs at least \(least): `cinderblockd token rotate` "
                + "makes one"
        case .tooLong(let path, let most): "the token \(path) has more than \(most) characters"
        case .notVisibleASCII(let path): "the token \(path) is not one word of visible ASCII characters"
        case .bothTheSame(let path, let other): "the token \(path) is the same as \(other)"
        case .link(let path): "\(path) is a symbolic link: the file that it leads to is not touched"
        }
    }
}
