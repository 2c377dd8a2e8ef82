// SPDX-License-Identifier: Apache-2.0

package enum StorageError: Error, Equatable, CustomStringConvertible {
    case badContainerName(String, reason: String)
    case badObjectName(String, reason: String)
    case objectNotFound(name: String, container: String)
    case notAFile(name: String, container: String)
    case rootReplaced(path: String)
    case damagedMark(path: String)

    package var description: String {
        switch self {
        case .badContainerName(let name, let reason): "container name \"\(name)\" is refused: \(reason)"
        case .badObjectName(let name, let reason): "object name \"\(name)\" is refused: \(reason)"
        case .objectNotFound(let name, let container): "object \(name) is not in container \(container)"
        case .notAFile(let name, let container): "object \(name) in container \(container) is not a plain file"
        case .rootReplaced(let path): "\(path) is another directory now than when it was opened"
        case .damagedMark(let path): "\(path) is damaged: it does not hold the line that belongs there"
        }
    }
}
