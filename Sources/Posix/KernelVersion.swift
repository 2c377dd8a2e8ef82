// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The first two numbers of a release of Linux.
package struct KernelVersion: Comparable, Sendable {
    package let major: Int
    package let minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// `6.12.41+deb13-amd64`; nil for what does not begin with two numbers.
    package init?(release: String) {
        let numbers = release.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
        guard numbers.count == 2, let major = Int(numbers[0]), let minor = Int(numbers[1].prefix { $0.isNumber })
        else { return nil }
        self.init(major, minor)
    }

    /// The one that runs (uname(2)).
    package static let running: KernelVersion? = {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.release) { release in
            KernelVersion(release: String(decoding: release.prefix { $0 != 0 }, as: UTF8.self))
        }
    }()

    package static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}
