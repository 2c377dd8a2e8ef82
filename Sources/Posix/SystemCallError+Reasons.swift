// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// What a caller that does not know errno needs to tell apart.
extension SystemCallError {
    /// There is nothing of that name.
    package var isMissing: Bool { errno == .noSuchFileOrDirectory || errno == .notDirectory }
    /// Someone else uses it.
    package var isBusy: Bool { errno == .resourceBusy || errno == .textFileBusy }
    /// Someone else holds a lock on it.
    package var isHeld: Bool { errno == .resourceTemporarilyUnavailable || errno == .permissionDenied }
    /// The file system has no locks of this kind, or cannot give one now.
    var isWithoutLocks: Bool {
        [.noLocks, .notSupported, .noFunction, .invalidArgument].contains(errno)
    }
    /// `No such file or directory`
    package var reason: String { "\(errno)" }
}
