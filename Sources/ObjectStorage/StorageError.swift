// SPDX-License-Identifier: Apache-2.0

package enum StorageError: Error, Equatable, CustomStringConvertible {
    case badContainerName(String, reason: String)
    case badObjectName(String, reason: String)
    case objectNotFound(name: String, container: String)
    case notAFile(name: String, container: String)
    case nameTaken(name: String, container: String)
    case mayBeStored(name: String, container: String, reason: String)
    case rootReplaced(path: String)
    case containerReplaced(path: String)
    case damagedMark(path: String)

    package var description: String {
        switch self {
        case .badContainerName(let name, let reason): "container name \"\(name)\" is refused: \(reason)"
        case .badObjectName(let name, let reason): "object name \"\(name)\" is refused: \(reason)"
        case .objectNotFound(let name, let container): "object \(name) is not in container \(container)"
        case .notAFile(let name, let container): "object \(name) in container \(container) is not a plain file"
        case .nameTaken(let name, let container):
            "container \(container) has an object \(name) already, which somebody else has made"
        case .mayBeStored(let name, let container, let reason):
            "nobody knows whether object \(name) is in container \(container): \(reason)"
        case .rootReplaced(let path): "\(path) is another directory now than when it was opened"
        case .containerReplaced(let path):
            "\(path) is another directory now than the one that the backup was written to: was something mounted or moved?"
        case .damagedMark(let path): "\(path) is damaged: it does not hold the line that belongs there"
        }
    }
}
