// SPDX-License-Identifier: Apache-2.0

/// What an id in a path is the id of.
enum ResourceKind: String, Sendable, CaseIterable {
    case backup
    case volume

    /// The one member of answers that show it.
    var member: String { rawValue }

    /// The segment that its paths begin with.
    var collection: String {
        switch self {
        case .backup: "backups"
        case .volume: "volumes"
        }
    }

    var parameter: Parameter {
        Parameter(name: "\(member)_id", place: .path, schema: .uuid, details: "The id of a \(member)")
    }

    /// What answers show of it.
    var answer: Schema {
        switch self {
        case .backup: .answer(member, .named("Backup"))
        case .volume: .answer(member, .named("Volume"))
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
