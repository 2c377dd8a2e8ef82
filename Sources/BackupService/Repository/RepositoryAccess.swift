// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// The repository as requests see it: they wait no longer than a moment for it.
package struct RepositoryAccess: Sendable {
    private let claim: RepositoryClaim
    private let probe: RepositoryProbe

    package init(_ claim: RepositoryClaim, _ patience: Patience) {
        self.claim = claim
        probe = RepositoryProbe(of: patience) { try claim.space() }
    }

    /// How full it is.
    /// - Throws: `ReadinessError.repository`, also when it does not answer.
    package func space() throws -> FileSystemSpace { try probe.space() }

    /// As it is now, if it answers.
    package func state() -> RepositoryState {
        do {
            _ = try probe.space()
        } catch {
            if error as? ReadinessError == RepositoryProbe.silence { return .unanswered }
        }
        return claim.state
    }

    /// As it was at the last look.
    package var lastState: RepositoryState { claim.state }

    package var isRolledBack: Bool { claim.isRolledBack }

    package var path: String { claim.path }

    /// - Throws: `RepositoryError`: no backup can be made now.
    package func requireForBackup() throws {
        let state = state()
        guard state == .ready else { throw RepositoryError.notReady(path: claim.path, state) }
    }

    /// - Throws: `RepositoryError`: what the catalog knows can not be deleted now.
    package func requireForDeletion() throws {
        if isRolledBack { throw RepositoryError.rolledBack }
        let state = state()
        guard state == .ready else { throw RepositoryError.notReady(path: claim.path, state) }
    }
}
