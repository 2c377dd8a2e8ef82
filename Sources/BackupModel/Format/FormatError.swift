// SPDX-License-Identifier: Apache-2.0

/// A metadata object or sha256file that does not say what the format wants.
package enum FormatError: Error, Equatable, CustomStringConvertible {
    case missing(member: String)
    case unsupportedVersion(String)
    case unsupportedVolumeMetaVersion(String)
    case badObject(name: String, reason: String)
    case badMember(String, reason: String)

    package var description: String {
        switch self {
        case .missing(let member): "the member \"\(member)\" is missing"
        case .unsupportedVersion(let version): "backup format version \(version) is not supported, only 1.0.0 is"
        case .unsupportedVolumeMetaVersion(let version):
            "volume_meta version \(version) is not supported, only 1 and 2 are"
        case .badObject(let name, let reason): "object \(name): \(reason)"
        case .badMember(let member, let reason): "\"\(member)\": \(reason)"
        }
    }
}
