// SPDX-License-Identifier: Apache-2.0

extension BackupRecord {
    /// About how much a list says of it: of what a client chooses, every byte.
    package var listedBytes: Int { BackupModel.listedBytes([name, details], [userMetadata]) }
}

extension VolumeRecord {
    /// About how much a list says of it: of what a client chooses, every byte.
    package var listedBytes: Int { BackupModel.listedBytes([name, details], [userMetadata, imageMetadata]) }
}

private func listedBytes(_ texts: [String?], _ dictionaries: [[String: String]]) -> Int {
    let fixed = 512
    let members = dictionaries.joined().reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    return texts.reduce(fixed + members) { $0 + ($1?.utf8.count ?? 0) }
}
