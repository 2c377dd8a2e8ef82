// SPDX-License-Identifier: Apache-2.0
import TestSupport

@testable import BackupEngine

extension Engine {
    /// All leases come back: at the latest when the last closure of a drained window is gone.
    var isIdle: Bool { eventually { pool.usage == BufferPool.Usage() } }
}
