// SPDX-License-Identifier: Apache-2.0

extension Route {
    /// The path with what varies in braces: the label of metrics, of which there must be few.
    var template: String {
        switch self {
        case .versions: "/"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        case .services: "/os-services"
        case .backups: "/backups"
        case .backupDetails: "/backups/detail"
        case .backup: "/backups/{id}"
        case .backupAction: "/backups/{id}/action"
        case .backupRestore: "/backups/{id}/restore"
        case .backupExport: "/backups/{id}/export_record"
        case .backupImport: "/backups/import_record"
        case .volumes: "/volumes"
        case .volumeDetails: "/volumes/detail"
        case .volume: "/volumes/{id}"
        case .volumeAction: "/volumes/{id}/action"
        case .manageableVolumes: "/manageable_volumes"
        }
    }
}
