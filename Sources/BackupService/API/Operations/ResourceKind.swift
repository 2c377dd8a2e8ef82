// SPDX-License-Identifier: Apache-2.0

/// What an id in a path is the id of.
enum ResourceKind: Sendable, CaseIterable {
    case backup
    case volume

    /// The segment that its paths begin with.
    var collection: String {
        switch self {
        case .backup: "backups"
        case .volume: "volumes"
        }
    }

    var parameter: Parameter {
        switch self {
        case .backup: Parameter(name: "backup_id", place: .path, schema: .uuid, details: "The id of a backup")
        case .volume: Parameter(name: "volume_id", place: .path, schema: .uuid, details: "The id of a volume")
        }
    }

    /// A client that has a name asks for it as an id first, and looks for it in the list after a 404.
    func notFound(named name: String) -> APIError {
        switch self {
        case .backup: .noSuchBackup(named: name)
        case .volume: .noSuchVolume(named: name)
        }
    }
}
