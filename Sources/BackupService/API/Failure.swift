// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Codecs
import HTTPServer
import ObjectStorage
import Posix

/// Everything that can go wrong between a request and its answer.
enum Failure {
    case api(APIError)
    case service(ServiceError)
    case repository(RepositoryError)
    case catalog(CatalogError)
    case storage(StorageError)
    case engine(EngineError)
    case format(FormatError)
    case json(JSONError)
    case codec(CodecError)
    case system(SystemCallError)
    case http(Refusal)
    case unknown(any Error)

    init(_ error: any Error) {
        self =
            switch error {
            case let error as APIError: .api(error)
            case let error as ServiceError: .service(error)
            case let error as RepositoryError: .repository(error)
            case let error as CatalogError: .catalog(error)
            case let error as StorageError: .storage(error)
            case let error as EngineError: .engine(error)
            case let error as FormatError: .format(error)
            case let error as JSONError: .json(error)
            case let error as CodecError: .codec(error)
            case let error as SystemCallError: .system(error)
            case let error as Refusal: .http(error)
            default: .unknown(error)
            }
    }
}
