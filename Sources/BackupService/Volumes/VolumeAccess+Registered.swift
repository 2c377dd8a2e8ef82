// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// What is registered already, under whatever name.
extension VolumeAccess {
    /// Runs `body`, which looks and registers, when no other registration is under way.
    func registering<Result>(_ body: () throws -> Result) rethrows -> Result { try liveFiles.alone(body) }

    /// The registered file that `source` is, too, by a hard link or a bind mount. The catalog tells devices apart.
    /// - Returns: also the paths that did not answer in time, of which nothing is known.
    func twin(of source: ResolvedSource, among records: [VolumeRecord]) -> (twin: VolumeRecord?, silent: [String]) {
        let files = records.filter { $0.device == nil && $0.source != source.path }
        guard source.device == nil, !files.isEmpty else { return (nil, []) }
        let answer = liveFiles.identities(at: [source.path] + files.map(\.source))
        guard let identity = answer.identities[source.path] else { return (nil, answer.silent) }
        return (files.first { answer.identities[$0.source] == identity }, answer.silent)
    }
}
