// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a request does to the metadata of a volume.
enum MetadataRequest: Sendable, Equatable {
    case show
    case add([String: String])
    case replace([String: String])
    case showItem(String)
    /// The body names the key once more.
    case setItem(String, [String: String])
    case removeItem(String)
}

extension MetadataRequest {
    func perform(on id: ResourceID, with service: BackupService) throws -> Answer {
        switch self {
        case .show: return .metadata(try service.volumeMetadata(id))
        case .add(let members): return .metadata(try service.addVolumeMetadata(id, members))
        case .replace(let members): return .metadata(try service.replaceVolumeMetadata(id, members))
        case .showItem(let key):
            guard let value = try service.volumeMetadata(id)[key] else {
                throw ServiceError.noSuchMetadata(volumeID: id, key: key)
            }
            return .metadataItem(key, value)
        case .setItem(let key, let members):
            guard let value = members[key] else {
                throw APIError.badMember("meta", reason: "must have one member, under the key that the path names")
            }
            _ = try service.addVolumeMetadata(id, members)
            return .metadataItem(key, value)
        case .removeItem(let key):
            try service.removeVolumeMetadata(id, key)
            return Answer(200)
        }
    }
}

extension Answer {
    fileprivate static func metadata(_ metadata: [String: String]) -> Answer {
        Answer(200, ["metadata": JSONValue(metadata)])
    }

    fileprivate static func metadataItem(_ key: String, _ value: String) -> Answer {
        Answer(200, ["meta": JSONValue([key: value])])
    }
}
