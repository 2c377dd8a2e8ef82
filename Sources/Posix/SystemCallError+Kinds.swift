// SPDX-License-Identifier: Apache-2.0
import SystemPackage

extension SystemCallError {
    /// The file system, or what the daemon's user may have of it, is full.
    package var isOutOfSpace: Bool { errno == .noSpace || errno == .diskQuotaExceeded }

    /// No file of that length is possible there.
    package var isFileTooLarge: Bool { errno == .fileTooLarge }
}
